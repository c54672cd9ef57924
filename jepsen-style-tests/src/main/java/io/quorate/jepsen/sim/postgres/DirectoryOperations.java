package io.quorate.jepsen.sim.postgres;

import io.quorate.ha.model.ControlFacts.ClusterState;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.invariant.Invariant;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.postgres.DataDirectory.Shape;
import java.util.Optional;
import java.util.TreeSet;

/** The verbs that make, replace or remove a data directory. */
final class DirectoryOperations {

  private final SimServer server;
  private final SimKernel kernel;

  DirectoryOperations(SimServer server, SimKernel kernel) {
    this.server = server;
    this.kernel = kernel;
  }

  void initDb(Script script, DataId dataId) {
    DataDirectory dir = new DataDirectory();
    script.then(
        1,
        20,
        () -> {
          server.directory = dir;
          script.then(
              300,
              1500,
              () -> {
                dir.systemIdentifier = kernel.random().nextLong(1, Long.MAX_VALUE);
                dir.dataId = Optional.of(dataId);
                server.journal().write(dir.systemIdentifier, dir.wal, 1, 200, 0, server.name());
                dir.checkpointed(ClusterState.SHUT_DOWN);
                dir.shape = Shape.WHOLE;
                script.then(
                    1,
                    20,
                    () -> script.done(new OperationResult.Initialized(dir.systemIdentifier)));
              });
        });
  }

  void adopt(Script script, DataId dataId) {
    script.then(
        2,
        40,
        () -> {
          server.present().dataId = Optional.of(dataId);
          script.done(new OperationResult.Initialized(server.present().systemIdentifier));
        });
  }

  void copy(Script script, PostgresOperation.Clone clone) {
    DataDirectory dir = new DataDirectory();
    script.then(
        5,
        50,
        () -> {
          Optional<SimServer> source = source(clone.source());
          if (source.isEmpty()) {
            script.fail(clone.source().member() + " cannot be reached");
            return;
          }
          server.directory = dir;
          script.then(
              500,
              3500,
              () -> {
                Optional<SimServer> still = source(clone.source());
                if (still.isEmpty()) {
                  script.fail(clone.source().member() + " went away");
                  return;
                }
                copyFrom(still.get(), dir, ClusterState.IN_PRODUCTION);
                dir.dataId = Optional.of(clone.dataId());
                dir.shape = Shape.WHOLE;
                script.then(1, 20, script::done);
              });
        });
  }

  private static void copyFrom(SimServer source, DataDirectory dir, ClusterState state) {
    dir.systemIdentifier = source.present().systemIdentifier;
    dir.wal = source.wal().copy();
    dir.checkpointed(state);
    dir.upstream = new Upstream.Unknown();
    dir.slots = new TreeSet<>();
  }

  /** The primary to copy from, where it can be reached. */
  private Optional<SimServer> source(PostgresOperation.Source source) {
    return server
        .server(source.member().value())
        .filter(SimServer::writable)
        .filter(server::linked);
  }

  void removeData(Script script) {
    script.then(
        2,
        50,
        () -> {
          server.directory = null;
          script.done();
        });
  }

  void rewind(Script script, PostgresOperation.Rewind rewind) {
    script.then(
        5,
        50,
        () -> {
          DataDirectory dir = server.directory;
          Optional<SimServer> source = source(rewind.source());
          if (dir == null || dir.shape == Shape.PARTIAL) {
            script.done(new OperationResult.Failed("there is nothing to rewind", true));
          } else if (source.isEmpty()) {
            script.fail(rewind.source().member() + " cannot be reached");
          } else if (dir.shape == Shape.WHOLE
              && dir.wal.timeline() == source.get().wal().timeline()) {
            script.done(
                new OperationResult.Failed(
                    "source and target are on the same timeline, no rewind required", true));
          } else {
            copyChanges(script, rewind, dir);
          }
        });
  }

  private void copyChanges(Script script, PostgresOperation.Rewind rewind, DataDirectory dir) {
    dir.shape = Shape.TORN;
    script.then(
        200,
        2000,
        () -> {
          Optional<SimServer> source = source(rewind.source());
          if (source.isEmpty()) {
            script.fail(rewind.source().member() + " went away");
            return;
          }
          Wal theirs = source.get().wal();
          long kept = dir.wal.divergenceByTimelines(theirs);
          int records = dir.wal.countUpTo(kept);
          boolean same =
              records == 0
                  || (records <= theirs.size()
                      && theirs
                          .records()
                          .get(records - 1)
                          .equals(dir.wal.records().get(records - 1)));
          if (!same) {
            server
                .journal()
                .mixed(
                    server.name() + " was rewound to " + rewind.source().member() + ", not enough");
          }
          copyFrom(source.get(), dir, ClusterState.IN_ARCHIVE_RECOVERY);
          dir.standbySignal = true;
          dir.shape = Shape.WHOLE;
          Invariant.check(dir.wal.size() > 0, "nothing to rewind to");
          script.then(1, 20, () -> script.done(new OperationResult.Rewound()));
        });
  }
}
