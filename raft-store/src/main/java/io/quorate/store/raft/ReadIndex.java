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
  private final LongSupplier configurationIndex;
  private final Soon soon;

  /**
   * @param commitIndex of this member's log
   * @param configurationIndex of the entry that says who the members are
   */
  ReadIndex(
      LeaderDesk desk,
      Replica replica,
      LongSupplier commitIndex,
      LongSupplier configurationIndex,
      Soon soon) {
    this.desk = desk;
    this.replica = replica;
    this.commitIndex = commitIndex;
    this.configurationIndex = configurationIndex;
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
                        ? new Attempt.Served<>(seen(index))
                        : new Attempt.NotNow<>("the leader does not apply what is committed")));
  }

  /**
   * Whoever has applied the last command and the last change of the members has seen all that there
   * is to be seen; what else Raft puts into the log changes nothing. While a change of the members
   * is under way it is not known where the one before it is: all that is committed covers it.
   */
  private long seen(long committed) {
    long configuration = configurationIndex.getAsLong();
    return configuration <= committed ? Math.max(replica.lastCommand(), configuration) : committed;
  }

  private Attempt<Long> unavailable(String reason) {
    return desk.leading()
        ? new Attempt.Refused<>(new StoreError(StoreError.Code.UNAVAILABLE, reason))
        : new Attempt.NotNow<>(reason);
  }
}
