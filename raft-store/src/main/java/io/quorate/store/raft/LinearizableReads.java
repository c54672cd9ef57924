package io.quorate.store.raft;

import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.StoreError;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads that see everything that was done before they began. The leader is asked only how far a
 * copy must have come; the answer is from the own copy, or the leader's where that is not there
 * yet.
 */
final class LinearizableReads {
  /** Raft brings what is committed within a millisecond or so where it is well. */
  private static final Duration PATIENCE = Duration.ofMillis(100);

  private final Leader leader;
  private final Replica replica;
  private final TaskScheduler scheduler;

  /** Where calls go: to whoever leads. */
  interface Leader {
    <T> CompletableFuture<Attempt<T>> route(Call<T> call);
  }

  LinearizableReads(Leader leader, Replica replica, TaskScheduler scheduler) {
    this.leader = leader;
    this.replica = replica;
    this.scheduler = scheduler;
  }

  /** Reads; the future never completes exceptionally. */
  CompletableFuture<Outcome<OpResult.Range>> read(RangeQuery query) {
    CompletableFuture<Outcome<OpResult.Range>> future = new CompletableFuture<>();
    var _ =
        leader
            .route(new Call.Read())
            .thenAccept(attempt -> {
              if (attempt instanceof Attempt.Served<Long>(Long index)) {
                readAt(index, query, future);
              } else {
                future.complete(failure(attempt));
              }
            });
    return future;
  }

  /**
   * Waits until the own copy, the members in the log among it, has everything that was done before
   * now. Completes within {@code limit}, with false where that is not known by then; never
   * exceptionally.
   */
  CompletableFuture<Boolean> caughtUp(Duration limit) {
    CompletableFuture<Boolean> caughtUp = new CompletableFuture<>();
    TaskScheduler.Cancellable late = scheduler.schedule(limit, () -> caughtUp.complete(false));
    var _ =
        leader
            .route(new Call.Read())
            .thenAccept(attempt -> {
              if (attempt instanceof Attempt.Served<Long>(Long index)) {
                Runnable forget = replica.whenApplied(index, () -> caughtUp.complete(true));
                var _ = caughtUp.thenRun(forget);
              } else {
                caughtUp.complete(false);
              }
            });
    var _ = caughtUp.thenRun(late::cancel);
    return caughtUp;
  }

  private void readAt(
      long index, RangeQuery query, CompletableFuture<Outcome<OpResult.Range>> future) {
    if (replica.appliedIndex() >= index) {
      future.complete(replica.state().range(query));
      return;
    }
    AtomicBoolean decided = new AtomicBoolean();
    Runnable forget =
        replica.whenApplied(
            index,
            () -> {
              if (decided.compareAndSet(false, true)) {
                future.complete(replica.state().range(query));
              }
            });
    var _ =
        scheduler.schedule(
            PATIENCE,
            () -> {
              if (decided.compareAndSet(false, true)) {
                forget.run();
                readThere(query, future);
              }
            });
  }

  private void readThere(RangeQuery query, CompletableFuture<Outcome<OpResult.Range>> future) {
    var _ =
        leader
            .route(new Call.Query(query))
            .thenAccept(attempt ->
                future.complete(
                    attempt
                            instanceof
                            Attempt.Served<Outcome<OpResult.Range>>(Outcome<OpResult.Range> answer)
                        ? answer
                        : failure(attempt)));
  }

  /** A read has no effect that could be in doubt: whatever became of it, it was not done. */
  private static Outcome<OpResult.Range> failure(Attempt<?> attempt) {
    return new Outcome.NotDone<>(
        switch (attempt) {
          case Attempt.Refused<?>(StoreError error) -> error;
          case Attempt.NotNow<?>(String reason) -> unavailable(reason);
          case Attempt.Lost<?>(String reason) -> unavailable(reason);
          case Attempt.Served<?> _ -> unavailable("the answer is of another kind");
        });
  }

  private static StoreError unavailable(String reason) {
    return new StoreError(StoreError.Code.UNAVAILABLE, reason);
  }
}
