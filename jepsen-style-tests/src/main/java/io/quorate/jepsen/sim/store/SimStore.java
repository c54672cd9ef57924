package io.quorate.jepsen.sim.store;

import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.StoreError;
import io.quorate.store.StoreStatus;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.Outcomes;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.TxnCheck;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The store as one member has it: requests go to the leader, here or elsewhere; watches and
 * serializable reads are served from the local replica.
 */
public final class SimStore implements Store {

  private static final StoreError NO_LEADER =
      new StoreError(StoreError.Code.UNAVAILABLE, "no leader is known");

  private final StoreGroup group;
  private final String name;
  private final Replica local;
  private boolean closed;

  /** The store of the member whose replica {@code local} is. */
  public SimStore(StoreGroup group, String name, Replica local) {
    this.group = group;
    this.name = name;
    this.local = local;
  }

  /**
   * Has the leader answer.
   *
   * @param serve what the leader does, answering through what it is given; called on it
   * @param refused answer when it is certain that nothing happened
   * @param lost answer when nothing is certain
   */
  private <T> CompletionStage<T> ask(BiConsumer<Replica, Consumer<T>> serve, T refused, T lost) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Consumer<T> complete =
        answer -> local.delivery().execute(() -> future.complete(closed ? lost : answer));
    Optional<String> leader = local.leader();
    if (closed || leader.isEmpty()) {
      complete.accept(refused);
    } else if (leader.get().equals(name)) {
      group.kernel.schedule(
          group.endpoint(name).process(),
          group.kernel.micros(5, 200),
          () -> serveHere(local, serve, refused, complete));
    } else {
      group.network.<T>call(
          group.endpoint(name),
          group.endpoint(leader.get()),
          group.timings.request().toNanos(),
          answer -> serveHere(group.replica(leader.get()), serve, refused, answer),
          answer -> complete.accept(answer.orElse(lost)));
    }
    return future.minimalCompletionStage();
  }

  private static <T> void serveHere(
      Replica leader, BiConsumer<Replica, Consumer<T>> serve, T refused, Consumer<T> answer) {
    if (leader.accepts()) {
      serve.accept(leader, answer);
    } else {
      answer.accept(refused);
    }
  }

  private <T> CompletionStage<Outcome<T>> command(
      StoreCommand command, Function<CommandResult, Outcome<T>> outcome) {
    Outcome<T> unknown = new Outcome.Unknown<>("no answer came");
    return ask(
        (leader, answer) ->
            leader.propose(command, result -> answer.accept(result.map(outcome).orElse(unknown))),
        new Outcome.NotDone<>(NO_LEADER),
        unknown);
  }

  @Override
  public CompletionStage<Outcome<TxnResult>> txn(Txn txn, Principal principal) {
    Optional<StoreError> objection = TxnCheck.objection(txn, local.machine().state().limits());
    if (objection.isPresent()) {
      CompletableFuture<Outcome<TxnResult>> refused = new CompletableFuture<>();
      local.delivery().execute(() -> refused.complete(new Outcome.NotDone<>(objection.get())));
      return refused.minimalCompletionStage();
    }
    return command(new StoreCommand.TxnCommand(txn, principal, Optional.empty()), Outcomes::txn);
  }

  @Override
  public CompletionStage<Outcome<OpResult.Range>> range(RangeQuery query, ReadMode mode) {
    return switch (mode) {
      case LINEARIZABLE ->
          ask(
              (leader, answer) -> leader.duties().read(query, answer),
              new Outcome.NotDone<>(NO_LEADER),
              new Outcome.NotDone<>(new StoreError(StoreError.Code.UNAVAILABLE, "no answer came")));
      case SERIALIZABLE -> {
        CompletableFuture<Outcome<OpResult.Range>> future = new CompletableFuture<>();
        local.delivery().execute(() -> future.complete(local.machine().state().range(query)));
        yield future.minimalCompletionStage();
      }
    };
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> grantLease(
      LeaseId id, Duration ttl, Principal principal) {
    return command(new StoreCommand.GrantLease(id, ttl.toMillis(), principal), Outcomes::granted);
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> revokeLease(LeaseId id, Principal principal) {
    return command(new StoreCommand.RevokeLease(id, principal), Outcomes::ended);
  }

  @Override
  public CompletionStage<Renewal> keepAlive(LeaseId id, Principal principal) {
    return renew((leader, answer) -> leader.duties().keepAlive(id, answer));
  }

  @Override
  public CompletionStage<Renewal> renewHold(Bytes key, Revision createRevision) {
    return renew((leader, answer) -> leader.duties().renewHold(key, createRevision, answer));
  }

  private CompletionStage<Renewal> renew(BiConsumer<Replica, Consumer<Renewal>> serve) {
    return ask(
        serve,
        new Renewal.Unavailable(NO_LEADER.message()),
        new Renewal.Unavailable("no answer came"));
  }

  @Override
  public Watch watch(WatchQuery query, WatchListener listener) {
    ReplicaWatch watch = new ReplicaWatch(query, listener, local.delivery());
    watch.replay(local.machine().state());
    local.watch(watch);
    return watch;
  }

  @Override
  public CompletionStage<Outcome<Revision>> guardPrefix(Bytes prefix) {
    return command(new StoreCommand.GuardPrefix(prefix), Outcomes::guarded);
  }

  @Override
  public StoreStatus status() {
    return local.status();
  }

  @Override
  public void onStatusChange(Consumer<StoreStatus> listener) {
    local.onStatus(listener);
  }

  @Override
  public CompletionStage<Outcome<String>> transferLeadership(String member) {
    CompletableFuture<Outcome<String>> future = new CompletableFuture<>();
    boolean asked = local.transfer(member);
    group.kernel.schedule(
        group.endpoint(name).process(),
        group.timings.electionMax().toNanos(),
        () ->
            future.complete(
                asked && local.leader().equals(Optional.of(member))
                    ? new Outcome.Done<>(member)
                    : new Outcome.NotDone<>(
                        new StoreError(StoreError.Code.UNAVAILABLE, "it does not lead"))));
    return future.minimalCompletionStage();
  }

  @Override
  public void close() {
    closed = true;
  }
}
