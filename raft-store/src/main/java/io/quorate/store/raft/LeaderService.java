package io.quorate.store.raft;

import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.LeaseTime;
import io.quorate.store.Membership;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.lease.Answer;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import io.quorate.time.MonotonicClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Serves requests at this member, as leader or not at all: for this member's own callers and for
 * those of the members that forward to it. No call blocks, and no future completes exceptionally.
 */
final class LeaderService {
  private static final String NOT_HERE = "this member does not lead the store, or not yet";

  private final LeaderDesk desk;
  private final Replica replica;
  private final Supplier<RaftNode> node;
  private final MonotonicClock clock;
  private final JoinDesk joins;
  private final LeadershipTransfer transfer;
  private final ReadIndex readIndex;

  LeaderService(
      LeaderDesk desk,
      Replica replica,
      Supplier<RaftNode> node,
      MonotonicClock clock,
      JoinDesk joins,
      LeadershipTransfer transfer,
      Soon soon) {
    this.desk = desk;
    this.replica = replica;
    this.node = node;
    this.clock = clock;
    this.joins = joins;
    this.transfer = transfer;
    this.readIndex =
        new ReadIndex(
            desk, replica, () -> node.get().commitIndex(), () -> node.get().voters().index(), soon);
  }

  boolean leading() {
    return desk.leading();
  }

  /**
   * Runs a command through the log.
   *
   * @param entry {@code command} as the log holds it
   */
  CompletableFuture<Attempt<CommandResult>> propose(StoreCommand command, byte[] entry) {
    return leading() ? node.get().propose(command, entry, clock.now()) : notHere();
  }

  CompletableFuture<Attempt<Renewal>> keepAlive(LeaseId id, Principal principal) {
    if (!leading()) {
      return notHere();
    }
    // A key that is attached while the round runs makes no difference: its lease is young.
    if (principal == Principal.CLIENT && replica.state().guarded(id)) {
      return CompletableFuture.completedFuture(new Attempt.Refused<>(StoreError.PERMISSION_DENIED));
    }
    CompletableFuture<Attempt<Renewal>> future = new CompletableFuture<>();
    desk.keepAlive(id, answer -> future.complete(renewal(answer)));
    return future;
  }

  CompletableFuture<Attempt<Renewal>> renewHold(Bytes key, Revision createRevision) {
    if (!leading()) {
      return notHere();
    }
    CompletableFuture<Attempt<Renewal>> future = new CompletableFuture<>();
    desk.renewHold(key, createRevision, answer -> future.complete(renewal(answer)));
    return future;
  }

  /**
   * Confirms that this member leads, and answers how far a replica must have applied the log for a
   * read that began before now.
   */
  CompletableFuture<Attempt<Long>> readIndex() {
    if (!leading()) {
      return notHere();
    }
    return readIndex.get();
  }

  /** How much time a lease has left, once leadership is confirmed. */
  CompletableFuture<Attempt<LeaseTime>> timeLeft(LeaseId id) {
    return readIndex()
        .thenApply(attempt ->
            switch (attempt) {
              case Attempt.Served<Long>(Long index) ->
                  new Attempt.Served<>(
                      new LeaseTime(
                          replica
                              .state()
                              .lease(id)
                              .map(lease -> Duration.ofMillis(lease.ttlMillis()))
                              .orElse(Duration.ZERO),
                          desk.remaining(id),
                          index));
              case Attempt.Refused<Long>(StoreError error) -> new Attempt.Refused<>(error);
              case Attempt.NotNow<Long>(String reason) -> new Attempt.NotNow<>(reason);
              case Attempt.Lost<Long>(String reason) -> new Attempt.Lost<>(reason);
            });
  }

  /** Answers a linearizable read from this member's copy. */
  CompletableFuture<Attempt<Outcome<OpResult.Range>>> range(RangeQuery query) {
    return readIndex()
        .thenApply(attempt ->
            switch (attempt) {
              // The index is that of a command which is applied here by now.
              case Attempt.Served<Long> _ -> new Attempt.Served<>(replica.state().range(query));
              case Attempt.Refused<Long>(StoreError error) -> new Attempt.Refused<>(error);
              case Attempt.NotNow<Long>(String reason) -> new Attempt.NotNow<>(reason);
              case Attempt.Lost<Long>(String reason) -> new Attempt.Lost<>(reason);
            });
  }

  /** Changes the voters, or says how far that has come. */
  CompletableFuture<Attempt<Membership.Progress>> change(Membership.Change change) {
    return leading() ? joins.change(change) : notHere();
  }

  /** Hands leadership to the voter of that name. */
  CompletableFuture<Attempt<String>> transfer(String target, Duration timeout) {
    return leading() ? transfer.to(target, timeout) : notHere();
  }

  /** A renewal that ended because leadership did is asked of the next leader. */
  private Attempt<Renewal> renewal(Answer answer) {
    return switch (answer) {
      case Answer.Renewed(long _, Duration ttl) -> new Attempt.Served<>(new Renewal.Renewed(ttl));
      case Answer.Gone(long _, String reason) -> new Attempt.Served<>(new Renewal.Gone(reason));
      case Answer.Unavailable(long _, String reason) ->
          leading()
              ? new Attempt.Served<>(new Renewal.Unavailable(reason))
              : new Attempt.NotNow<>(reason);
      case Answer.ReadAt _ ->
          new Attempt.Served<>(new Renewal.Unavailable("a renewal was answered as a read"));
    };
  }

  private static <T> CompletableFuture<Attempt<T>> notHere() {
    return CompletableFuture.completedFuture(new Attempt.NotNow<>(NOT_HERE));
  }
}
