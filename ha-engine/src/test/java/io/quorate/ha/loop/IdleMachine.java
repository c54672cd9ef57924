package io.quorate.ha.loop;

import io.quorate.ha.decide.Decision;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.Guardian;
import io.quorate.ha.port.NodeStateStore;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.time.BootTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Everything of the machine that a hold touches: counts fences, knows nothing. */
final class IdleMachine implements PostgresControl, NodeStateStore, Guardian, HaEvents {
  int fenced;

  /** Whether the guardian keeps the deadline of an earlier run. */
  boolean guarded = true;

  /** When, and whether, what is saved is durable. */
  CompletableFuture<Boolean> disk = CompletableFuture.completedFuture(true);

  NodeState onDisk = NodeState.EMPTY;

  @Override
  public CompletionStage<OperationResult> fence(String reason) {
    fenced++;
    return CompletableFuture.completedFuture(new OperationResult.Succeeded());
  }

  @Override
  public CompletionStage<OperationResult> run(PostgresOperation operation) {
    return fence("not of this test");
  }

  @Override
  public CompletionStage<PostgresStatus> sample() {
    return CompletableFuture.completedFuture(new PostgresStatus.Unobserved());
  }

  @Override
  public CompletionStage<OperationResult> endOfWal() {
    return fence("not of this test");
  }

  @Override
  public CompletionStage<OperationResult> keepDiverged(Lsn from, EndOfWal to) {
    return fence("not of this test");
  }

  @Override
  public void onProcessChange(Runnable listener) {}

  @Override
  public NodeState load() {
    return NodeState.EMPTY;
  }

  @Override
  public CompletionStage<Boolean> save(NodeState state) {
    return disk.thenApply(done -> {
      onDisk = state;
      return done;
    });
  }

  @Override
  public CompletionStage<Boolean> arm(BootTime aliveUntil) {
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public void feed(BootTime aliveUntil) {}

  @Override
  public CompletionStage<Boolean> disarm() {
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public boolean armed() {
    return guarded;
  }

  @Override
  public void decided(BootTime at, String situation, Decision.Code code, String reason) {}

  @Override
  public void acted(BootTime at, String action, boolean success, String detail) {}

  @Override
  public void hold(BootTime at, Epoch epoch, String what) {}

  @Override
  public void report(FailoverReport report) {}

  @Override
  public void trouble(BootTime at, String what) {}
}
