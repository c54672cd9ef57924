package io.quorate.ha.postgres;

import io.quorate.ha.model.CopyProgress;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.node.DurableFiles;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.time.BootTime;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Each operation, in terms of the classes that know how. Blocks; one at a time. */
final class Operations {

  private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

  private final ServerControl server;
  private volatile @Nullable BootTime copyBegan;
  private final Instance instance;
  private final UnfinishedWork unfinished;
  private final Slots slots;
  private final InitDb initDb;
  private final BaseBackup baseBackup;
  private final FreezeOperation freeze;
  private final FollowOperation follow;
  private final CatchUpOperation catchUp;
  private final PromoteOperation promote;
  private final RewindOperation rewind;

  Operations(ServerControl server, UpstreamSocket socket, UnfinishedWork unfinished, Slots slots) {
    this.server = server;
    this.instance = server.instance();
    this.unfinished = unfinished;
    this.slots = slots;
    PassFile passFile = new PassFile(instance);
    this.initDb = new InitDb(instance, server.launcher(), unfinished);
    this.baseBackup =
        new BaseBackup(instance, server.launcher(), unfinished, passFile, server.configFiles());
    this.freeze = new FreezeOperation(server, socket);
    this.follow = new FollowOperation(server, passFile, slots);
    this.catchUp = new CatchUpOperation(server);
    this.promote = new PromoteOperation(server, freeze);
    this.rewind = new RewindOperation(server, unfinished, passFile);
  }

  OperationResult run(Postmaster.Permit permit, PostgresOperation operation) throws IOException {
    return switch (operation) {
      case PostgresOperation.InitDb(DataId dataId) -> {
        server.postmaster().requireStopped();
        yield new OperationResult.Initialized(initDb.run(dataId));
      }
      case PostgresOperation.Adopt(DataId dataId) -> adopt(dataId);
      case PostgresOperation.Clone(PostgresOperation.Source source, DataId dataId) -> {
        server.postmaster().requireStopped();
        copyBegan = server.patience().now();
        baseBackup.run(source, dataId);
        yield new OperationResult.Succeeded();
      }
      case PostgresOperation.StartPrimary(Map<String, String> parameters, var bound) -> {
        server.startPrimary(permit, parameters, bound);
        yield new OperationResult.Succeeded();
      }
      case PostgresOperation.Freeze(var round, Map<String, String> parameters) ->
          freeze.run(permit, round, parameters);
      case PostgresOperation.Follow wanted -> follow.run(permit, wanted);
      case PostgresOperation.CatchUp wanted -> catchUp.run(wanted);
      case PostgresOperation.Promote wanted -> {
        OperationResult promoted = promote.run(permit, wanted);
        // Before PostgreSQL 16 others can be rewound to it only once it has made a checkpoint.
        server.checkpointInBackground();
        yield promoted;
      }
      case PostgresOperation.Rewind wanted -> rewind.run(permit, wanted);
      case PostgresOperation.RemoveData(String reason) -> removeData(reason);
      case PostgresOperation.Stop(boolean checkpointFirst, var bound) -> {
        server.stop(checkpointFirst, bound, "stop");
        yield new OperationResult.Succeeded();
      }
      case PostgresOperation.HandOver(var bound) -> handOver(bound);
      case PostgresOperation.Reload(String _, Map<String, String> parameters) -> {
        List<String> pending = new SettingsReload(server).run(instance.config(), parameters);
        yield new OperationResult.Reloaded(
            pending.isEmpty()
                ? "PostgreSQL took them"
                : "these wait for a restart of PostgreSQL: " + String.join(", ", pending));
      }
      case PostgresOperation.Checkpoint(var bound) -> {
        server.checkpoint(bound);
        yield new OperationResult.Succeeded();
      }
      case PostgresOperation.EnsureSlots(SortedSet<String> names) -> {
        slots.ensure(server.sql(), names);
        yield new OperationResult.Succeeded();
      }
    };
  }

  Map<String, String> clusterParameters() {
    return server.lastCluster();
  }

  /** Clients wait from the shutdown on: nothing is done then that can be done before. */
  private OperationResult handOver(Duration bound) throws IOException {
    BootTime began = server.patience().now();
    server.checkpoint(bound);
    BootTime checkpointed = server.patience().now();
    server.stop(false, bound, "switchover");
    BootTime stopped = server.patience().now();
    OperationResult end = endOfWal();
    LOG.info(
        "handed over: checkpoint {} ms, stop {} ms, end of WAL {} ms",
        began.until(checkpointed).toMillis(),
        checkpointed.until(stopped).toMillis(),
        server.patience().since(stopped).toMillis());
    return end;
  }

  OperationResult fence(String reason) throws IOException {
    server.fence(reason);
    return new OperationResult.Succeeded();
  }

  OperationResult endOfWal() throws IOException {
    server.postmaster().requireStopped();
    return new OperationResult.Frozen(new LocalWal(instance, server.controlData()).end());
  }

  OperationResult keepDiverged(Lsn from, EndOfWal to) throws IOException {
    LocalWal wal = new LocalWal(instance, server.controlData());
    LocalWal.Commits commits = wal.commitsBetween(from, to);
    if (!commits.complete()) {
      LOG.warn(
          "not all of the WAL from {} on is there: at least {} commits", from, commits.count());
    }
    try (WalSegments segments = wal.historyOf(to.timeline())) {
      return kept(segments, from, to, commits);
    } catch (FileSystemException e) {
      if (String.valueOf(e.getReason()).contains("No space left")) {
        throw new PostgresFailure(
            "the disk is full where state_dir lies, and the WAL from "
                + from
                + " to "
                + to
                + ", which coming back will cost, finds no room: free some, or set"
                + " postgresql.kept_wal_limit to 0 to go without ("
                + e.getMessage()
                + ")");
      }
      throw e;
    }
  }

  private OperationResult kept(
      WalSegments segments, Lsn from, EndOfWal to, LocalWal.Commits commits) throws IOException {
    return new OperationResult.Kept(
        from,
        to.lsn(),
        commits.complete() ? commits.count() : OperationResult.Kept.UNKNOWN,
        new DivergedWal(instance).keep(segments, from, to).map(Path::toString));
  }

  Optional<CopyProgress> copyProgress() {
    Optional<CloneProgress> progress = baseBackup.progress();
    BootTime began = copyBegan;
    if (progress.isEmpty() || began == null) {
      return Optional.empty();
    }
    long millis = Math.max(1, server.patience().since(began).toMillis());
    long done = progress.get().done();
    return Optional.of(new CopyProgress(done, progress.get().total(), done * 1000 / millis));
  }

  private OperationResult adopt(DataId dataId) throws IOException {
    server.postmaster().requireStopped();
    long systemIdentifier = server.controlData().facts().systemIdentifier();
    instance.writeStandbySignal();
    instance.writeDataId(dataId);
    return new OperationResult.Initialized(systemIdentifier);
  }

  /** Aside means beside: the same file system, so that it is one rename and takes no space. */
  private OperationResult removeData(String reason) throws IOException {
    Path dataDir = instance.dataDir();
    server.fence("its data directory is moved aside: " + reason);
    if (instance.dataDirEmpty()) {
      return new OperationResult.Succeeded();
    }
    Path aside = dataDir;
    for (int number = 1; Files.exists(aside); number++) {
      aside = dataDir.resolveSibling(dataDir.getFileName() + ".removed-" + number);
    }
    DurableFiles.write(dataDir.resolve("quorate.removed"), reason + "\n");
    try {
      Files.move(dataDir, aside, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new PostgresFailure(
          "postgresql.data_dir "
              + dataDir
              + " cannot be moved to "
              + aside
              + " ("
              + e.getMessage()
              + "): is it a mount point? Put data_dir one level below, or move its content away");
    }
    DurableFiles.syncDirectory(Optional.ofNullable(aside.getParent()).orElse(aside));
    unfinished.endRewind();
    unfinished.endMaking();
    LOG.warn("moved the data directory aside to {}: {}", aside, reason);
    return new OperationResult.Succeeded();
  }
}
