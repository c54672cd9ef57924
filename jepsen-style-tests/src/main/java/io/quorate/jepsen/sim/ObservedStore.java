package io.quorate.jepsen.sim;

import io.quorate.ha.model.Epoch;
import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.StoreStatus;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The store with an eye on it: a member that gives its key back believes in nothing from then on.
 * Mutations of what a transaction compares sit here as well.
 */
final class ObservedStore implements Store {

  private static final String LEADER = "/leader";
  private static final String INTENT = "/quorate/intent/primary";
  private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f]+)\"");
  private static final String EPOCH = "/quorate/epoch";

  private final Store store;
  private final SimHost host;
  private final SimCluster cluster;

  ObservedStore(Store store, SimHost host, SimCluster cluster) {
    this.store = store;
    this.host = host;
    this.cluster = cluster;
  }

  @Override
  public CompletionStage<Outcome<TxnResult>> txn(Txn txn, Principal principal) {
    Optional<String> handsOver = handsOver(txn);
    if (handsOver.isPresent()) {
      // Said again, for want of an answer: what comes of that takes nothing back.
      boolean again = host.handsOverBy().equals(handsOver);
      host.handsOverBy(handsOver);
      return store
          .txn(txn, principal)
          .thenApply(outcome -> {
            boolean refused =
                outcome instanceof Outcome.NotDone<?>
                    || (outcome instanceof Outcome.Done<TxnResult>(TxnResult result)
                        && !result.succeeded());
            if (refused && !again) {
              host.handsOverBy(Optional.empty());
            }
            return outcome;
          });
    }
    boolean givesBack =
        txn.then().stream()
            .anyMatch(op ->
                op instanceof Op.DeleteRange delete && delete.key().toUtf8().endsWith(LEADER));
    if (givesBack) {
      Optional<Epoch> held = host.holds();
      host.believesNothing();
      return store
          .txn(mutated(txn), principal)
          .thenApply(outcome -> {
            // Surely not given back: what was held is held as before.
            if (outcome instanceof Outcome.NotDone<?>) {
              held.ifPresent(host::holds);
            }
            return outcome;
          });
    }
    return acquires(txn) && host.acquisitionsHeldBack()
        ? heldBack(mutated(txn), principal)
        : store.txn(mutated(txn), principal);
  }

  /** The wish in which this member says that it is stopped and serves no more. */
  private static Optional<String> handsOver(Txn txn) {
    return txn.then().stream()
        .filter(op -> op instanceof Op.Put put && put.key().toUtf8().endsWith(INTENT))
        .map(op -> ((Op.Put) op).value().toUtf8())
        .filter(text -> text.contains("\"STOPPED\""))
        .flatMap(text -> ID.matcher(text).results())
        .map(found -> found.group(1))
        .findFirst();
  }

  /** On its way for as long as the plot wants it to be. */
  private CompletionStage<Outcome<TxnResult>> heldBack(Txn txn, Principal principal) {
    CompletableFuture<Outcome<TxnResult>> future = new CompletableFuture<>();
    cluster.kernel().note(host.name, "acquisition held back");
    host.onceNotHeldBack(() -> {
      var _ = store.txn(txn, principal).thenAccept(future::complete);
    });
    return future.minimalCompletionStage();
  }

  private static boolean acquires(Txn txn) {
    return txn.then().stream()
        .anyMatch(op -> op instanceof Op.Put put && put.key().toUtf8().endsWith(LEADER));
  }

  private Txn mutated(Txn txn) {
    boolean afterRound = acquires(txn) && txn.compares().stream().anyMatch(ObservedStore::ofRound);
    if (!afterRound) {
      return txn;
    }
    return switch (cluster.mutation()) {
      case NO_ROUND -> withoutRound(txn);
      case TIMELINE_REUSED -> onNextTimeline(txn);
      case NONE,
          RANK_BY_LSN,
          NO_TERM_STAMP,
          LATE_PROMOTION,
          RECEIVES_AFTER_PLEDGE,
          HASTY_CANDIDATE ->
          txn;
    };
  }

  private static boolean ofRound(Compare compare) {
    return compare instanceof Compare.ByModRevision && compare.key().toUtf8().endsWith(EPOCH);
  }

  private static Txn withoutRound(Txn txn) {
    List<Compare> left = txn.compares().stream().filter(compare -> !ofRound(compare)).toList();
    return new Txn(left, txn.then(), txn.otherwise());
  }

  /** As PostgreSQL itself would choose: one above the timeline that this member is on. */
  private Txn onNextTimeline(Txn txn) {
    List<Op> ops =
        txn.then().stream()
            .map(op ->
                op instanceof Op.Put put && put.key().toUtf8().endsWith(EPOCH)
                    ? Op.put(
                        put.key(),
                        Bytes.utf8(
                            put.value()
                                .toUtf8()
                                .replaceFirst(
                                    "\"timeline\":\\d+",
                                    "\"timeline\":" + (host.server.timeline() + 1))))
                    : op)
            .toList();
    return new Txn(txn.compares(), ops, txn.otherwise());
  }

  @Override
  public CompletionStage<Outcome<OpResult.Range>> range(RangeQuery query, ReadMode mode) {
    return store.range(query, mode);
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> grantLease(
      LeaseId id, Duration ttl, Principal principal) {
    return store.grantLease(id, ttl, principal);
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> revokeLease(LeaseId id, Principal principal) {
    return store.revokeLease(id, principal);
  }

  @Override
  public CompletionStage<Renewal> keepAlive(LeaseId id, Principal principal) {
    return store.keepAlive(id, principal);
  }

  @Override
  public CompletionStage<Renewal> renewHold(Bytes key, Revision createRevision) {
    return store.renewHold(key, createRevision);
  }

  @Override
  public Watch watch(WatchQuery query, WatchListener listener) {
    return store.watch(query, listener);
  }

  @Override
  public CompletionStage<Outcome<Revision>> guardPrefix(Bytes prefix) {
    return store.guardPrefix(prefix);
  }

  @Override
  public StoreStatus status() {
    return store.status();
  }

  @Override
  public void onStatusChange(Consumer<StoreStatus> listener) {
    store.onStatusChange(listener);
  }

  @Override
  public CompletionStage<Outcome<String>> transferLeadership(String member) {
    return store.transferLeadership(member);
  }

  @Override
  public void close() {
    store.close();
  }
}
