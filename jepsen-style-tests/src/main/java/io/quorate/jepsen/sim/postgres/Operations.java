package io.quorate.jepsen.sim.postgres;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimProcess;
import io.quorate.jepsen.sim.postgres.DataDirectory.Shape;
import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;

/** The verbs on a simulated PostgreSQL, step by step. */
final class Operations {

  private static final long START_BOUND_NANOS = 10_000_000_000L;

  private final SimServer server;
  private final SimKernel kernel;
  private final SimProcess agent;
  private final Pace pace;
  private final boolean receivesOn;
  private final DirectoryOperations directories;

  Operations(SimServer server, SimKernel kernel, SimProcess agent, Pace pace, boolean receivesOn) {
    this.server = server;
    this.kernel = kernel;
    this.agent = agent;
    this.pace = pace;
    this.receivesOn = receivesOn;
    this.directories = new DirectoryOperations(server, kernel);
  }

  CompletionStage<OperationResult> run(PostgresOperation operation) {
    Script script = new Script(server, kernel, agent, pace);
    switch (operation) {
      case PostgresOperation.InitDb(DataId dataId) -> directories.initDb(script, dataId);
      case PostgresOperation.Adopt(DataId dataId) -> directories.adopt(script, dataId);
      case PostgresOperation.Clone clone -> directories.copy(script, clone);
      case PostgresOperation.StartPrimary _ -> startPrimary(script);
      case PostgresOperation.Freeze freeze -> freeze(script, freeze);
      case PostgresOperation.Follow follow -> follow(script, follow);
      case PostgresOperation.Promote promote -> promote(script, promote);
      case PostgresOperation.CatchUp catchUp -> catchUp(script, catchUp);
      case PostgresOperation.Rewind rewind ->
          stopped(script, () -> directories.rewind(script, rewind));
      case PostgresOperation.RemoveData _ -> stopped(script, () -> directories.removeData(script));
      case PostgresOperation.Stop stop -> stop(script, stop.bound(), script::done);
      case PostgresOperation.HandOver(var bound) ->
          stop(
              script,
              bound,
              () -> {
                DataDirectory dir = server.directory;
                if (dir == null) {
                  script.fail("no data");
                } else {
                  script.done(new OperationResult.Frozen(dir.wal.end()));
                }
              });
      case PostgresOperation.Reload _ ->
          script.then(2, 20, () -> script.done(new OperationResult.Reloaded("all")));
      case PostgresOperation.Checkpoint _ -> script.then(2, 100, script::done);
      case PostgresOperation.EnsureSlots(var names) ->
          script.then(
              2,
              20,
              () -> {
                if (server.state() == SimServer.State.PRIMARY) {
                  server.present().slots = new TreeSet<>(names);
                  script.done();
                } else {
                  script.fail("it is no primary");
                }
              });
    }
    return script.stage();
  }

  // Starting

  private boolean cannotStart(Script script) {
    DataDirectory dir = server.directory;
    if (server.state() != SimServer.State.DOWN || dir == null || dir.shape != Shape.WHOLE) {
      script.fail("it cannot be started: " + (dir == null ? "no data" : dir.shape));
      return true;
    }
    return false;
  }

  private void startPrimary(Script script) {
    if (cannotStart(script)) {
      return;
    }
    script.then(
        2,
        30,
        () -> {
          server.present().standbySignal = false;
          script.then(
              2,
              20,
              () -> {
                server.start(true, pace.millis(50, 700));
                script.when(
                    () -> server.state() == SimServer.State.PRIMARY,
                    START_BOUND_NANOS,
                    script::done);
              });
        });
  }

  private void startStandby(Script script, Upstream upstream, Runnable next) {
    if (cannotStart(script)) {
      return;
    }
    script.then(
        2,
        30,
        () -> {
          server.present().standbySignal = true;
          server.present().upstream = upstream;
          script.then(
              2,
              20,
              () -> {
                server.start(false, pace.millis(50, 500));
                script.when(
                    () -> server.state() == SimServer.State.STANDBY, START_BOUND_NANOS, next);
              });
        });
  }

  private void freeze(Script script, PostgresOperation.Freeze freeze) {
    Upstream frozen = new Upstream.Frozen(freeze.round());
    Runnable replayed =
        () ->
            script.when(
                server::replayedAll,
                START_BOUND_NANOS,
                () -> script.done(new OperationResult.Frozen(server.wal().end())));
    switch (server.state()) {
      case DOWN -> startStandby(script, frozen, replayed);
      case STANDBY ->
          script.then(
              3,
              30,
              () -> {
                if (server.state() != SimServer.State.STANDBY || !server.process().running()) {
                  script.fail("PostgreSQL does not take the setting");
                  return;
                }
                if (receivesOn) {
                  server.present().upstream = frozen;
                } else {
                  server.point(frozen);
                }
                script.then(1, 10, replayed);
              });
      case STARTING, PRIMARY, STOPPING ->
          script.then(1, 10, () -> script.fail("PostgreSQL is " + server.state()));
    }
  }

  private void catchUp(Script script, PostgresOperation.CatchUp catchUp) {
    long end = catchUp.end().lsn().value();
    script.then(
        1,
        5,
        () ->
            script.when(
                () ->
                    server.state() == SimServer.State.STANDBY
                        && server.replayedAll()
                        && server.wal().endLsn() == end,
                catchUp.bound().toNanos(),
                () -> script.done(new OperationResult.CaughtUp(catchUp.end()))));
  }

  private void follow(Script script, PostgresOperation.Follow follow) {
    Upstream upstream = new Upstream.Following(follow.source().member(), follow.source().epoch());
    switch (server.state()) {
      case DOWN -> startStandby(script, upstream, script::done);
      case STANDBY ->
          script.then(
              3,
              30,
              () -> {
                if (server.state() != SimServer.State.STANDBY || !server.process().running()) {
                  script.fail("PostgreSQL does not take the setting");
                  return;
                }
                server.point(upstream);
                script.done();
              });
      case STARTING, PRIMARY, STOPPING ->
          script.then(1, 10, () -> script.fail("PostgreSQL is " + server.state()));
    }
  }

  private void promote(Script script, PostgresOperation.Promote promote) {
    // First the placeholders, then pg_promote, then the wait for it.
    script.then(
        2,
        25,
        () -> {
          if (server.state() != SimServer.State.STANDBY || !server.process().running()) {
            script.fail("PostgreSQL is " + server.state());
            return;
          }
          int parent = server.wal().timeline();
          long fork = server.wal().endLsn();
          kernel.schedule(
              server.process(),
              pace.millis(3, 60),
              () -> {
                if (server.state() == SimServer.State.STANDBY) {
                  server.promote(promote.timeline().value());
                }
              });
          script.when(
              () -> server.state() == SimServer.State.PRIMARY,
              START_BOUND_NANOS,
              () ->
                  script.done(
                      new OperationResult.Promoted(
                          promote.timeline(), new TimelineId(parent), new Lsn(fork))));
        });
  }

  // Stopping

  private void stop(Script script, Duration bound, Runnable then) {
    switch (server.state()) {
      case DOWN -> {}
      case STANDBY, PRIMARY -> server.shutDown();
      case STARTING, STOPPING -> {}
    }
    long immediate = kernel.now() + bound.toNanos();
    script.when(
        () -> {
          boolean tooLong = kernel.now() > immediate || !server.process().running();
          if (server.state() != SimServer.State.DOWN && tooLong) {
            server.kill("it does not shut down");
          }
          return server.state() == SimServer.State.DOWN;
        },
        2 * bound.toNanos(),
        () ->
            script.then(
                1,
                10,
                () -> {
                  DataDirectory dir = server.directory;
                  if (dir != null) {
                    dir.standbySignal = true;
                  }
                  then.run();
                }));
  }

  private void stopped(Script script, Runnable next) {
    if (server.state() == SimServer.State.STANDBY) {
      server.shutDown();
    }
    script.when(() -> server.state() == SimServer.State.DOWN, START_BOUND_NANOS, next);
  }
}
