package io.quorate.ha.command;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.IntentTransactions;
import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.decide.wish.WishCheck;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.Wish;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Store;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Hands in wishes and takes them back, through the store alone: any member will do. Any thread may
 * call; nothing blocks; stages never complete exceptionally. Progress is seen in the intents of
 * each {@code NodeSnapshot}'s cluster view.
 */
public final class Commands {

  /** So often is the cluster asked for before the store counts as not there. */
  private static final int READS = 3;

  private final Store store;
  private final ClusterKeys keys;
  private final IntentTransactions transactions;
  private final InstantSource wallClock;
  private final RandomGenerator random;

  /**
   * Commands to one cluster.
   *
   * @param random must be safe for use by several threads
   */
  public Commands(Store store, ClusterKeys keys, InstantSource wallClock, RandomGenerator random) {
    this.store = store;
    this.keys = keys;
    this.transactions = new IntentTransactions(keys);
    this.wallClock = wallClock;
    this.random = random;
  }

  /**
   * The cluster as the store has it now, with all that was written before; empty where it does not
   * answer.
   */
  public CompletionStage<Optional<ClusterView>> cluster() {
    return withCluster(
        seen -> CompletableFuture.completedStage(Optional.of(seen.view())), _ -> Optional.empty());
  }

  /** Writes {@code wish} unless something can be said against it. */
  public CompletionStage<Answer> submit(Wish wish, String requester) {
    return withCluster(seen -> {
      Optional<Refusal> objection = WishCheck.objection(wish, seen.view(), wallClock.instant());
      if (objection.isPresent()) {
        return refused(objection.get());
      }
      Intent intent =
          new Intent(
              HexFormat.of().toHexDigits(random.nextLong()),
              wish,
              requester,
              wallClock.instant(),
              Intent.Progress.pending(
                  wish.scheduledAt().map(at -> "waits until " + at).orElse("asked")),
              0);
      return write(transactions.submit(intent, seen), intent);
    });
  }

  /**
   * Takes back the unfinished wish of {@code slot}.
   *
   * @param id only that one; empty: whichever it is
   */
  public CompletionStage<Answer> cancel(String slot, Optional<String> id, String requester) {
    return withCluster(seen -> {
      Optional<Intent> open =
          seen.view().openIntent(slot).filter(i -> id.isEmpty() || id.get().equals(i.id()));
      if (open.isEmpty()) {
        return refused(
            new Refusal(
                Refusal.Code.NOTHING_TO_CANCEL, "there is no unfinished " + slot + " wish"));
      }
      Intent.Progress now = open.get().progress();
      if (!now.state().cancellable()) {
        return refused(
            new Refusal(
                Refusal.Code.TOO_LATE_TO_CANCEL,
                "it is " + now.state() + " already: " + now.reason()));
      }
      Intent next = open.get().with(now.with(Intent.State.CANCELLED, "taken back by " + requester));
      return write(transactions.advance(next), next);
    });
  }

  /** Sets {@code pause} of the dynamic configuration; empty once it is written. */
  public CompletionStage<Optional<Refusal>> pause(boolean on) {
    return withCluster(
        seen -> send(transactions.pause(on, seen), _ -> Optional.<Refusal>empty()), Optional::of);
  }

  private CompletionStage<Answer> withCluster(Function<Keyspace, CompletionStage<Answer>> then) {
    return withCluster(then, Answer.Refused::new);
  }

  private <T> CompletionStage<T> withCluster(
      Function<Keyspace, CompletionStage<T>> then, Function<Refusal, T> refused) {
    return read(READS)
        .thenCompose(outcome ->
            switch (outcome) {
              case Outcome.Done<OpResult.Range>(OpResult.Range range) ->
                  then.apply(Keyspace.of(keys, range.revision(), range.keys()));
              case Outcome.NotDone<OpResult.Range>(var error) ->
                  CompletableFuture.completedStage(refused.apply(unavailable(error.message())));
              case Outcome.Unknown<OpResult.Range>(String reason) ->
                  CompletableFuture.completedStage(refused.apply(unavailable(reason)));
            });
  }

  /** A change of the store's leader is no reason to refuse: a read may be tried again. */
  private CompletionStage<Outcome<OpResult.Range>> read(int attempts) {
    return store
        .range(RangeQuery.prefix(keys.prefix()), ReadMode.LINEARIZABLE)
        .thenCompose(outcome ->
            outcome instanceof Outcome.Done<OpResult.Range> || attempts == 1
                ? CompletableFuture.completedStage(outcome)
                : read(attempts - 1));
  }

  private static Refusal unavailable(String why) {
    return new Refusal(Refusal.Code.STORE_UNAVAILABLE, "the store does not answer: " + why);
  }

  private static CompletionStage<Answer> refused(Refusal refusal) {
    return CompletableFuture.completedStage(new Answer.Refused(refusal));
  }

  private CompletionStage<Answer> write(Txn txn, Intent intent) {
    return send(
            txn,
            result ->
                Optional.<Answer>of(
                    new Answer.Accepted(
                        new Intent(
                            intent.id(),
                            intent.wish(),
                            intent.requester(),
                            intent.askedAt(),
                            intent.progress(),
                            result.revision().value()))),
            refusal -> Optional.<Answer>of(new Answer.Refused(refusal)))
        .thenApply(Optional::orElseThrow);
  }

  private CompletionStage<Optional<Refusal>> send(
      Txn txn, Function<TxnResult, Optional<Refusal>> done) {
    return send(txn, done, Optional::of);
  }

  private <T> CompletionStage<Optional<T>> send(
      Txn txn, Function<TxnResult, Optional<T>> done, Function<Refusal, Optional<T>> refused) {
    return store
        .txn(txn, Principal.MEMBER)
        .thenApply(outcome ->
            switch (outcome) {
              case Outcome.Done<TxnResult>(TxnResult result) ->
                  result.succeeded()
                      ? done.apply(result)
                      : refused.apply(
                          new Refusal(
                              Refusal.Code.CONFLICT, "something else changed first: ask again"));
              case Outcome.NotDone<TxnResult>(var error) ->
                  refused.apply(unavailable(error.message()));
              case Outcome.Unknown<TxnResult>(String reason) ->
                  refused.apply(
                      new Refusal(
                          Refusal.Code.OUTCOME_UNKNOWN,
                          "it is not known whether it was written ("
                              + reason
                              + "): look at the list before asking again"));
            });
  }
}
