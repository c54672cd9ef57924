package io.quorate.ha.postgres;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.node.DurableFiles;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a diverged directory back to where it left its source's history, with pg_rewind. */
final class RewindOperation {

  private static final Logger LOG = LoggerFactory.getLogger(RewindOperation.class);
  private static final Duration STOP_BOUND = Duration.ofSeconds(20);
  private static final Duration REWIND_BOUND = Duration.ofHours(12);
  private static final Duration CHECKPOINT_BOUND = Duration.ofMinutes(2);

  private final ServerControl server;
  private final Instance instance;
  private final UnfinishedWork unfinished;
  private final PassFile passFile;

  RewindOperation(ServerControl server, UnfinishedWork unfinished, PassFile passFile) {
    this.server = server;
    this.instance = server.instance();
    this.unfinished = unfinished;
    this.passFile = passFile;
  }

  OperationResult run(Postmaster.Permit permit, PostgresOperation.Rewind operation)
      throws IOException {
    server.stop(false, STOP_BOUND, "rewind");
    ControlData control = server.controlData();
    if (!control.rewindable()) {
      throw new PostgresFailure(
          "pg_rewind needs wal_log_hints or data checksums, and this directory had neither while it"
              + " was written to",
          true);
    }
    DataId own = identity();
    Lsn fork = operation.branch().fork();
    passFile.writeFor(operation.source().host(), operation.source().port());
    awaitCheckpoint(operation.source(), operation.branch().timeline());
    unfinished.beginRewind(own);
    boolean rewound = rewind(permit, operation.source());
    finish(own);
    if (!rewound) {
      return new OperationResult.Failed(
          "pg_rewind says that no rewind is required, but this directory left the history of "
              + operation.source().member()
              + " at "
              + fork
              + ": the two look alike to it and are not",
          true);
    }
    return new OperationResult.Rewound();
  }

  /** pg_rewind puts the source's in its place; an earlier, cut off, rewind may have done so. */
  private DataId identity() {
    return unfinished
        .rewinding()
        .or(instance::dataId)
        .orElseThrow(
            () -> new PostgresFailure("the data directory carries no identity: not rewound"));
  }

  /** Tells whether there was anything to rewind. */
  private boolean rewind(Postmaster.Permit permit, PostgresOperation.Source source)
      throws IOException {
    // The single-user server that pg_rewind runs for crash recovery refuses a standby's directory.
    server.postmaster().guarded(permit, instance::removeSignals);
    ProcessLauncher.Finished finished =
        server
            .launcher()
            .run(
                List.of(
                    instance.program("pg_rewind"),
                    "--target-pgdata=" + instance.dataDir(),
                    "--source-server=" + conninfo(source)),
                Map.of("LC_ALL", "C"),
                "",
                REWIND_BOUND,
                line -> LOG.info("pg_rewind: {}", line));
    if (!finished.ok()) {
      instance.writeStandbySignal();
      throw failure(finished.output());
    }
    return !finished.output().contains("no rewind required");
  }

  private PostgresFailure failure(String output) {
    String last = LogTail.last(output, 4);
    // Without the WAL before the fork, or where the directories have nothing in common, no later
    // attempt fares better; everything else (the source is away, a password) may pass.
    boolean hopeless =
        output.contains("could not find previous WAL record")
            || output.contains("could not find common ancestor")
            || output.contains("different systems")
            || output.contains("could not open file \"" + instance.walDir())
            || output.contains("no rewind possible");
    return new PostgresFailure("pg_rewind failed: " + last, hopeless);
  }

  private String conninfo(PostgresOperation.Source source) {
    PostgresConfig.Credentials role = role();
    return new Conninfo()
        .with("user", role.username())
        .with("passfile", passFile.path().toString())
        .with("host", source.host())
        .with("port", Integer.toString(source.port()))
        .with("dbname", "postgres")
        .with("connect_timeout", "10")
        .with("application_name", instance.config().name() + "_rewind")
        .withAll(role.sslOptions())
        .toString();
  }

  private PostgresConfig.Credentials role() {
    return instance.config().rewind().orElse(instance.config().superuser());
  }

  /**
   * Before PostgreSQL 16, pg_rewind takes the source's timeline from its control file, which names
   * the new one only after the first checkpoint since its promotion.
   */
  private void awaitCheckpoint(PostgresOperation.Source source, TimelineId timeline) {
    Sql.Endpoint endpoint = Sql.tcp(source.host(), source.port(), instance.config().superuser());
    if (checkpointed(endpoint, timeline)) {
      return;
    }
    try (Sql asking = new Sql(endpoint.withStatementMillis((int) CHECKPOINT_BOUND.toMillis()))) {
      asking.execute("CHECKPOINT");
    }
    if (!checkpointed(endpoint, timeline)) {
      throw new PostgresFailure(
          source.member() + " has made no checkpoint on timeline " + timeline + " yet");
    }
  }

  private static boolean checkpointed(Sql.Endpoint endpoint, TimelineId timeline) {
    try (Sql sql = new Sql(endpoint)) {
      return sql.one(
          "SELECT timeline_id FROM pg_control_checkpoint()",
          row -> row.number(1) >= timeline.value());
    }
  }

  /** What came with the source's files is replaced by this directory's own. */
  private void finish(DataId own) throws IOException {
    instance.writeStandbySignal();
    server.configFiles().writeUpstream(UpstreamSetting.none());
    server.configFiles().purgeAuto();
    instance.writeDataId(own);
    DurableFiles.syncDirectory(instance.dataDir());
    unfinished.endRewind();
  }
}
