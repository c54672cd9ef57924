package io.quorate.ha.witness;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.port.PostgresOperation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** There is no PostgreSQL, and never will be while this agent runs. Keeps nothing. */
public final class NoPostgres implements PostgresControl {

  /** A witness's. */
  public NoPostgres() {}

  @Override
  public CompletionStage<OperationResult> run(PostgresOperation operation) {
    return refused(operation.getClass().getSimpleName());
  }

  @Override
  public CompletionStage<PostgresStatus> sample() {
    return CompletableFuture.completedStage(new PostgresStatus.None());
  }

  @Override
  public CompletionStage<OperationResult> endOfWal() {
    return refused("read end of WAL");
  }

  @Override
  public CompletionStage<OperationResult> keepDiverged(Lsn from, EndOfWal to) {
    return refused("keep diverged WAL");
  }

  @Override
  public CompletionStage<OperationResult> fence(String reason) {
    // All processes that there are, none, are dead.
    return CompletableFuture.completedStage(new OperationResult.Succeeded());
  }

  @Override
  public void onProcessChange(Runnable listener) {
    // There is no process.
  }

  private static CompletionStage<OperationResult> refused(String what) {
    return CompletableFuture.completedStage(
        new OperationResult.Failed(what + ": a witness has no PostgreSQL", false));
  }
}
