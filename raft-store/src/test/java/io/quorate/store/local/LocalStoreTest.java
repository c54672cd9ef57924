package io.quorate.store.local;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.quorate.store.StoreError;
import io.quorate.store.StoreStatus;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.time.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class LocalStoreTest {
  private static final Bytes KEY = Bytes.utf8("k");
  private static final LeaseId LEASE = new LeaseId(7);

  private final VirtualTime time = new VirtualTime();
  private final LocalStore store = new LocalStore("a", time, time, Runnable::run);

  @Test
  void leaseEndsAfterItsTimeAndTakesItsKeysAlong() {
    grant(Duration.ofSeconds(3));
    put(LEASE);
    time.advance(Duration.ofMillis(2_999));
    assertThat(read().count()).isEqualTo(1);
    time.advance(Duration.ofMillis(101));
    assertThat(read().count()).isZero();
    assertThat(time.pending()).isZero();
  }

  @Test
  void renewalGivesTheFullTimeAgain() {
    grant(Duration.ofSeconds(3));
    Revision created = put(LEASE);
    for (int i = 0; i < 10; i++) {
      time.advance(Duration.ofMillis(2_900));
      assertThat(now(store.renewHold(KEY, created)))
          .isEqualTo(new Renewal.Renewed(Duration.ofSeconds(3)));
    }
    assertThat(now(store.keepAlive(LEASE, Principal.MEMBER)))
        .isEqualTo(new Renewal.Renewed(Duration.ofSeconds(3)));
  }

  @Test
  void holdOfAnotherKeyOrRevisionIsGone() {
    grant(Duration.ofSeconds(3));
    Revision created = put(LEASE);
    assertThat(now(store.renewHold(KEY, new Revision(created.value() + 1))))
        .isInstanceOf(Renewal.Gone.class);
    now(store.txn(Txn.of(Op.delete(KEY)), Principal.MEMBER));
    assertThat(now(store.renewHold(KEY, created))).isInstanceOf(Renewal.Gone.class);
    assertThat(now(store.keepAlive(LEASE, Principal.MEMBER))).isInstanceOf(Renewal.Renewed.class);
    assertThat(now(store.keepAlive(new LeaseId(8), Principal.MEMBER)))
        .isInstanceOf(Renewal.Gone.class);
  }

  @Test
  void pausedStoreGivesEveryLeaseItsFullTimeAgain() {
    grant(Duration.ofSeconds(3));
    put(LEASE);
    time.freeze(Duration.ofMinutes(1));
    time.advance(Duration.ofMillis(2_900));
    assertThat(read().count()).isEqualTo(1);
    time.advance(Duration.ofMillis(200));
    assertThat(read().count()).isZero();
  }

  @Test
  void watchReplaysThePastAndGoesOn() {
    Revision first = put(LeaseId.NONE);
    Recorder recorder = new Recorder();
    store.watch(WatchQuery.prefix(KEY, first), recorder);
    put(LeaseId.NONE);
    now(store.txn(Txn.of(Op.put(Bytes.utf8("other"), KEY)), Principal.MEMBER));
    now(store.txn(Txn.of(Op.delete(KEY)), Principal.MEMBER));
    assertThat(recorder.revisions).containsExactly(2L, 3L, 5L);
    assertThat(recorder.events.getLast()).isInstanceOf(WatchEvent.Delete.class);
  }

  @Test
  void watchFromTheFutureWaits() {
    Recorder recorder = new Recorder();
    store.watch(WatchQuery.prefix(KEY, new Revision(4)), recorder);
    for (int i = 0; i < 4; i++) {
      put(LeaseId.NONE);
    }
    assertThat(recorder.revisions).containsExactly(4L, 5L);
  }

  @Test
  void watchFromCompactedHistoryIsToldSo() {
    put(LeaseId.NONE);
    put(LeaseId.NONE);
    assertThat(now(store.compact(new Revision(3)))).isEqualTo(new Outcome.Done<>(new Revision(3)));
    Recorder recorder = new Recorder();
    store.watch(WatchQuery.prefix(KEY, new Revision(2)), recorder);
    put(LeaseId.NONE);
    assertThat(recorder.revisions).isEmpty();
    assertThat(recorder.ended).containsExactly("COMPACTED from 3");
    store.watch(WatchQuery.prefix(KEY, new Revision(3)), recorder);
    assertThat(recorder.revisions).containsExactly(3L, 4L);
  }

  @Test
  void closedWatchHearsNothing() {
    Recorder recorder = new Recorder();
    var watch = store.watch(WatchQuery.prefix(KEY, Revision.NONE), recorder);
    put(LeaseId.NONE);
    watch.close();
    put(LeaseId.NONE);
    store.close();
    assertThat(recorder.revisions).containsExactly(2L);
    assertThat(recorder.ended).isEmpty();
  }

  @Test
  void listenerMayCallTheStoreAndFailWithoutHarmToOthers() {
    Recorder recorder = new Recorder();
    List<Throwable> reported = new ArrayList<>();
    Thread.currentThread().setUncaughtExceptionHandler((thread, problem) -> reported.add(problem));
    store.watch(WatchQuery.prefix(KEY, Revision.NONE), new Meddler());
    store.watch(WatchQuery.prefix(KEY, Revision.NONE), recorder);
    put(LeaseId.NONE);
    Thread.currentThread().setUncaughtExceptionHandler(null);
    assertThat(recorder.revisions).containsExactly(2L, 3L);
    assertThat(reported).hasSize(2);
  }

  @Test
  void deliveryWaitsForTheExecutorAndKeepsItsOrder() {
    List<Runnable> handed = new ArrayList<>();
    LocalStore slow = new LocalStore("a", time, time, handed::add);
    Recorder recorder = new Recorder();
    slow.watch(WatchQuery.prefix(KEY, Revision.NONE), recorder);
    for (int i = 0; i < 3; i++) {
      slow.txn(Txn.of(Op.put(KEY, KEY)), Principal.MEMBER);
    }
    assertThat(recorder.revisions).isEmpty();
    handed.forEach(Runnable::run);
    assertThat(recorder.revisions).containsExactly(2L, 3L, 4L);
    slow.close();
  }

  @Test
  void slowListenerLosesItsWatchWithTheReason() {
    List<Runnable> handed = new ArrayList<>();
    LocalStore slow = new LocalStore("a", time, time, handed::add);
    Recorder recorder = new Recorder();
    slow.watch(WatchQuery.prefix(KEY, Revision.NONE), recorder);
    for (int i = 0; i < LocalWatch.PENDING_MAX + 10; i++) {
      slow.txn(Txn.of(Op.put(KEY, KEY)), Principal.MEMBER);
    }
    handed.forEach(Runnable::run);
    assertThat(recorder.revisions).hasSize(LocalWatch.PENDING_MAX);
    assertThat(recorder.ended).containsExactly("OVERLOADED from 10002");
    slow.close();
  }

  @Test
  void closedStoreSaysSo() {
    List<StoreStatus> seen = new ArrayList<>();
    Recorder recorder = new Recorder();
    store.onStatusChange(seen::add);
    store.watch(WatchQuery.prefix(KEY, Revision.NONE), recorder);
    store.close();
    assertThat(seen).hasSize(1);
    assertThat(seen.getFirst().leading()).isFalse();
    assertThat(recorder.ended).containsExactly("CLOSED from 0");
    assertThat(now(store.range(RangeQuery.key(KEY), ReadMode.LINEARIZABLE)))
        .isInstanceOf(Outcome.NotDone.class);
    assertThat(now(store.keepAlive(LEASE, Principal.MEMBER)))
        .isInstanceOf(Renewal.Unavailable.class);
  }

  @Test
  void refusedRequestsAreNotDone() {
    Txn twice = Txn.of(Op.put(KEY, KEY), Op.put(KEY, KEY));
    assertThat(code(store.txn(twice, Principal.MEMBER)))
        .isEqualTo(StoreError.Code.INVALID_ARGUMENT);
    assertThat(code(store.revokeLease(LEASE, Principal.MEMBER)))
        .isEqualTo(StoreError.Code.LEASE_NOT_FOUND);
    assertThat(code(store.grantLease(LEASE, Duration.ofSeconds(Long.MAX_VALUE), Principal.MEMBER)))
        .isEqualTo(StoreError.Code.INVALID_ARGUMENT);
    assertThat(code(store.transferLeadership("b"))).isEqualTo(StoreError.Code.INVALID_ARGUMENT);
    assertThat(now(store.transferLeadership("a"))).isEqualTo(new Outcome.Done<>("a"));
    assertThat(now(store.guardPrefix(KEY))).isEqualTo(new Outcome.Done<>(new Revision(1)));
    assertThat(code(store.txn(Txn.of(Op.put(KEY, KEY)), Principal.CLIENT)))
        .isEqualTo(StoreError.Code.PERMISSION_DENIED);
  }

  @Test
  void statusNamesTheOnlyMember() {
    put(LeaseId.NONE);
    StoreStatus status = store.status();
    assertThat(status.leader()).contains("a");
    assertThat(status.leading()).isTrue();
    assertThat(status.appliedRevision()).isEqualTo(new Revision(2));
    assertThat(status.appliedIndex()).isEqualTo(1);
  }

  private void grant(Duration ttl) {
    assertThat(now(store.grantLease(LEASE, ttl, Principal.MEMBER)))
        .isEqualTo(new Outcome.Done<>(LEASE));
  }

  private Revision put(LeaseId lease) {
    Outcome<TxnResult> outcome =
        now(
            store.txn(
                Txn.when(
                    List.of(Compare.absent(Bytes.utf8("x"))), List.of(Op.put(KEY, KEY, lease))),
                Principal.MEMBER));
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<TxnResult>) outcome).value().revision();
  }

  private OpResult.Range read() {
    Outcome<OpResult.Range> outcome = now(store.range(RangeQuery.key(KEY), ReadMode.LINEARIZABLE));
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<OpResult.Range>) outcome).value();
  }

  private static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static <T> StoreError.Code code(CompletionStage<Outcome<T>> stage) {
    Outcome<T> outcome = now(stage);
    assertThat(outcome).isInstanceOf(Outcome.NotDone.class);
    return ((Outcome.NotDone<T>) outcome).error().code();
  }

  private static final class Recorder implements WatchListener {
    private final List<Long> revisions = new ArrayList<>();
    private final List<WatchEvent> events = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();

    @Override
    public void onEvents(Revision revision, List<WatchEvent> changes) {
      revisions.add(revision.value());
      events.addAll(changes);
    }

    @Override
    public void onEnded(StoreError reason, Revision compactRevision) {
      ended.add(reason.code() + " from " + compactRevision);
    }
  }

  /** Writes once from within a delivery, then fails. */
  private final class Meddler implements WatchListener {
    private boolean wrote;

    @Override
    public void onEvents(Revision revision, List<WatchEvent> changes) {
      if (!wrote) {
        wrote = true;
        var _ = store.txn(Txn.of(Op.put(KEY, KEY)), Principal.MEMBER);
      }
      throw new IllegalArgumentException("planted");
    }

    @Override
    public void onEnded(StoreError reason, Revision compactRevision) {}
  }
}
