package io.quorate.jepsen.sim.postgres;

import io.quorate.ha.model.ControlFacts;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimProcess;
import io.quorate.jepsen.sim.postgres.DataDirectory.Shape;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Control of one host's PostgreSQL by one run of its agent. What an operation does, it does step by
 * step as a part of the agent's process: a crash of the agent cuts it off between any two.
 */
public final class SimPostgres implements PostgresControl {

  private final SimServer server;
  private final SimKernel kernel;
  private final SimProcess agent;
  private final Pace pace;
  private final Operations operations;
  private int fencesUnderWay;

  /**
   * Control by the agent as it runs now.
   *
   * @param receivesOn a mutation: a freeze only says that it stopped receiving
   */
  public SimPostgres(
      SimServer server, SimKernel kernel, SimProcess agent, Pace pace, boolean receivesOn) {
    this.server = server;
    this.kernel = kernel;
    this.agent = agent;
    this.pace = pace;
    this.operations = new Operations(server, kernel, agent, pace, receivesOn);
  }

  @Override
  public CompletionStage<OperationResult> run(PostgresOperation operation) {
    CompletableFuture<OperationResult> future = new CompletableFuture<>();
    begin(operation, future);
    return future.minimalCompletionStage();
  }

  /** An operation asked for while a fence is under way begins after it. */
  private void begin(PostgresOperation operation, CompletableFuture<OperationResult> future) {
    if (fencesUnderWay > 0) {
      kernel.schedule(agent, kernel.millis(1, 3), () -> begin(operation, future));
    } else {
      var _ = operations.run(operation).thenAccept(future::complete);
    }
  }

  @Override
  public CompletionStage<PostgresStatus> sample() {
    CompletableFuture<PostgresStatus> future = new CompletableFuture<>();
    boolean hangs = server.process().alive() && !server.process().running();
    long time = hangs ? kernel.millis(900, 1100) : kernel.micros(300, 6000);
    kernel.schedule(agent, time, () -> future.complete(status()));
    return future.minimalCompletionStage();
  }

  private PostgresStatus status() {
    DataDirectory dir = server.directory;
    if (dir == null || dir.shape == Shape.PARTIAL) {
      return new PostgresStatus.NoData();
    }
    if (server.process().alive() && !server.process().running()) {
      return new PostgresStatus.Unresponsive("no answer within 1 s");
    }
    return switch (server.state()) {
      case DOWN ->
          new PostgresStatus.Stopped(
              new ControlFacts(
                  dir.systemIdentifier,
                  dir.controlState,
                  new TimelineId(dir.checkpointTimeline),
                  new Lsn(dir.checkpoint)),
              dir.dataId,
              dir.standbySignal);
      case STARTING -> new PostgresStatus.Starting(dir.dataId);
      case STOPPING -> new PostgresStatus.Unresponsive("it is shutting down");
      case STANDBY -> standby(dir);
      case PRIMARY ->
          new PostgresStatus.Primary(
              dir.systemIdentifier,
              dir.dataId,
              150_000,
              server.startedAt(),
              new TimelineId(dir.wal.timeline()),
              new Lsn(dir.wal.endLsn()),
              server.senders().stream().map(SimPostgres::row).toList(),
              dir.slots.stream()
                  .map(name -> new PostgresStatus.Slot(name, false, false, 0, OptionalLong.empty()))
                  .toList());
    };
  }

  private PostgresStatus standby(DataDirectory dir) {
    return new PostgresStatus.Standby(
        dir.systemIdentifier,
        dir.dataId,
        150_000,
        server.startedAt(),
        dir.upstream,
        server.streaming(),
        server.receiver().map(Receiver::timeline),
        server.received(),
        server.replay(),
        Optional.empty(),
        false);
  }

  private static PostgresStatus.Replication row(Receiver receiver) {
    SimServer standby = receiver.standby();
    return new PostgresStatus.Replication(
        receiver.applicationName(),
        "replicator",
        standby.name(),
        "streaming",
        Optional.of(new Lsn(standby.wal().endLsn())),
        Optional.of(standby.replay()),
        "async",
        0);
  }

  @Override
  public CompletionStage<OperationResult> endOfWal() {
    CompletableFuture<OperationResult> future = new CompletableFuture<>();
    kernel.schedule(
        agent,
        pace.millis(5, 60),
        () -> {
          DataDirectory dir = server.directory;
          boolean readable =
              dir != null && dir.shape == Shape.WHOLE && server.state() == SimServer.State.DOWN;
          future.complete(
              readable && dir != null && !pace.fails()
                  ? new OperationResult.Frozen(dir.wal.end())
                  : new OperationResult.Failed("pg_wal could not be read", false));
        });
    return future.minimalCompletionStage();
  }

  @Override
  public CompletionStage<OperationResult> keepDiverged(Lsn from, EndOfWal to) {
    CompletableFuture<OperationResult> future = new CompletableFuture<>();
    kernel.schedule(
        agent,
        pace.millis(5, 300),
        () -> {
          DataDirectory dir = server.directory;
          boolean readable = dir != null && dir.shape == Shape.WHOLE;
          future.complete(
              readable && dir != null && !pace.fails()
                  ? new OperationResult.Kept(
                      from,
                      to.lsn(),
                      dir.wal.commits(from.value(), to.lsn().value()),
                      Optional.of("diverged-wal"))
                  : new OperationResult.Failed("pg_wal could not be read", false));
        });
    return future.minimalCompletionStage();
  }

  @Override
  public CompletionStage<OperationResult> fence(String reason) {
    CompletableFuture<OperationResult> future = new CompletableFuture<>();
    server.orderedToEnd();
    fencesUnderWay++;
    kernel.note(server.name(), "fence: " + reason);
    kernel.schedule(
        agent,
        kernel.micros(200, 30_000),
        () -> {
          server.kill("fenced");
          kernel.schedule(
              agent,
              kernel.micros(200, 20_000),
              () -> {
                DataDirectory dir = server.directory;
                if (dir != null) {
                  dir.standbySignal = true;
                }
                fencesUnderWay--;
                future.complete(new OperationResult.Succeeded());
              });
        });
    return future.minimalCompletionStage();
  }

  @Override
  public void onProcessChange(Runnable listener) {
    // Of this run of the agent: one that is gone hears nothing when it is started anew.
    long run = agent.incarnation();
    server.onChange(() -> {
      if (agent.incarnation() == run) {
        kernel.schedule(agent, kernel.micros(500, 12_000), listener);
      }
    });
  }
}
