package io.quorate.store.raft;

import io.quorate.store.StoreError;
import io.quorate.store.lease.Answer;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * The leader's answer to how far a copy must have come for a linearizable read (Raft dissertation
 * 6.4): what was committed when the read arrived, once it is confirmed that this member led then.
 */
final class ReadIndex {
  private final LeaderDesk desk;
  private final Replica replica;
  private final LongSupplier commitIndex;
  private final Soon soon;

  /**
   * @param commitIndex of this member's log
   */
  ReadIndex(LeaderDesk desk, Replica replica, LongSupplier commitIndex, Soon soon) {
    this.desk = desk;
    this.replica = replica;
    this.commitIndex = commitIndex;
    this.soon = soon;
  }

  /** Asked of a member that leads. The future never completes exceptionally, and never hangs. */
  CompletableFuture<Attempt<Long>> get() {
    CompletableFuture<Attempt<Long>> future = new CompletableFuture<>();
    desk.read(
        commitIndex,
        answer -> {
          switch (answer) {
            case Answer.ReadAt(long _, long index) -> onceApplied(index, future);
            case Answer.Unavailable(long _, String reason) -> future.complete(unavailable(reason));
            case Answer.Gone(long _, String reason) -> future.complete(unavailable(reason));
            case Answer.Renewed _ ->
                future.complete(unavailable("a read was answered as a renewal"));
          }
        });
    return future;
  }

  /** A server whose log fails closes with entries that are committed and never applied by it. */
  private void onceApplied(long index, CompletableFuture<Attempt<Long>> future) {
    var _ =
        soon.happens(then -> replica.whenApplied(index, then))
            .thenAccept(applied ->
                future.complete(
                    applied
                        ? new Attempt.Served<>(replica.lastCommand())
                        : new Attempt.NotNow<>("the leader does not apply what is committed")));
  }

  private Attempt<Long> unavailable(String reason) {
    return desk.leading()
        ? new Attempt.Refused<>(new StoreError(StoreError.Code.UNAVAILABLE, reason))
        : new Attempt.NotNow<>(reason);
  }
}
