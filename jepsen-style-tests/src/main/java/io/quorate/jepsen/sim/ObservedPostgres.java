package io.quorate.jepsen.sim;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.port.PostgresOperation;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Control of PostgreSQL with an eye on it: what was promised, and what was begun without right. */
final class ObservedPostgres implements PostgresControl {

  private final PostgresControl postgres;
  private final SimHost host;

  ObservedPostgres(PostgresControl postgres, SimHost host) {
    this.postgres = postgres;
    this.host = host;
  }

  @Override
  public CompletionStage<OperationResult> run(PostgresOperation operation) {
    host.stoppedAt(Optional.empty());
    if (operation instanceof PostgresOperation.Promote(Epoch epoch, var _, var timeline, var _)) {
      boolean held = host.holds().filter(epoch::equals).isPresent();
      if (!held || !epoch.isAfter(host.durable.floor())) {
        host.promotesLate(
            host.name
                + " promotes to timeline "
                + timeline
                + " for epoch "
                + epoch
                + ", held "
                + host.holds()
                + ", pledged against "
                + host.durable.floor());
      }
    }
    if (operation instanceof PostgresOperation.StartPrimary) {
      host.servesAgain();
    }
    if (operation instanceof PostgresOperation.StartPrimary && host.holds().isEmpty()) {
      host.promotesLate(host.name + " starts PostgreSQL as a primary without a hold");
    }
    return postgres
        .run(operation)
        .thenApply(result -> {
          if (operation instanceof PostgresOperation.Freeze
              && result instanceof OperationResult.Frozen(EndOfWal end)) {
            host.stoppedAt(Optional.of(end));
          }
          return result;
        });
  }

  @Override
  public CompletionStage<PostgresStatus> sample() {
    return postgres.sample();
  }

  @Override
  public CompletionStage<OperationResult> endOfWal() {
    return postgres.endOfWal();
  }

  @Override
  public CompletionStage<OperationResult> keepDiverged(Lsn from, EndOfWal to) {
    return postgres.keepDiverged(from, to);
  }

  @Override
  public CompletionStage<OperationResult> fence(String reason) {
    return postgres.fence(reason);
  }

  @Override
  public void onProcessChange(Runnable listener) {
    postgres.onProcessChange(listener);
  }
}
