package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.done;
import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.LeaseId;
import io.quorate.store.LeaseTime;
import io.quorate.store.Op;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchQuery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Three members and what they promise to callers at any of them, while nothing fails. */
final class RaftStoreTest {
  private static final Logger FIGURES = LoggerFactory.getLogger("io.quorate.figures");

  @TempDir static Path dir;
  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    long begun = System.nanoTime();
    cluster = new TestCluster(dir, 3).start();
    FIGURES.info(
        "three fresh members are one store after {} ms", (System.nanoTime() - begun) / 1_000_000);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void whatIsWrittenAnywhereIsReadEverywhere() {
    int n = 0;
    for (String writer : cluster.stores().keySet()) {
      put(cluster.store(writer), "read/key", "value" + n);
      for (String reader : cluster.stores().keySet()) {
        assertThat(get(cluster.store(reader), "read/key"))
            .as("read at %s what %s wrote", reader, writer)
            .isEqualTo(Optional.of("value" + n));
      }
      n++;
    }
  }

  @Test
  void serializableReadsComeFromTheLocalReplica() {
    Store follower = cluster.store(cluster.follower());
    put(follower, "serial/key", "value");
    Await.until(
        "the replica has the key",
        () -> get(follower, "serial/key", ReadMode.SERIALIZABLE).isPresent());
  }

  @Test
  void transactionsCompareAndSwapFromAFollower() {
    Store follower = cluster.store(cluster.follower());
    Bytes key = Bytes.utf8("txn/key");
    Txn create = Txn.when(List.of(Compare.absent(key)), List.of(Op.put(key, Bytes.utf8("one"))));
    assertThat(done(Await.value(follower.txn(create, Principal.MEMBER))).succeeded()).isTrue();
    TxnResult second = done(Await.value(follower.txn(create, Principal.MEMBER)));
    assertThat(second.succeeded()).isFalse();
    assertThat(get(follower, "txn/key")).isEqualTo(Optional.of("one"));
  }

  @Test
  void refusalsArriveAsSuch() {
    Bytes guarded = Bytes.utf8("guard/");
    Store follower = cluster.store(cluster.follower());
    done(Await.value(follower.guardPrefix(guarded)));
    assertThat(
            Await.value(
                follower.txn(
                    Txn.of(Op.put(Bytes.utf8("guard/key"), Bytes.EMPTY)), Principal.CLIENT)))
        .isInstanceOfSatisfying(
            Outcome.NotDone.class,
            refused ->
                assertThat(refused.error().code()).isEqualTo(StoreError.Code.PERMISSION_DENIED));
    assertThat(
            Await.value(follower.txn(Txn.of(Op.put(Bytes.EMPTY, Bytes.EMPTY)), Principal.CLIENT)))
        .isInstanceOf(Outcome.NotDone.class);
  }

  /** Finding F12: whoever could extend the lease under a guarded key could keep its holder in. */
  @Test
  void clientsNeitherExtendNorEndALeaseThatHoldsAGuardedKey() {
    done(Await.value(cluster.store("db1").guardPrefix(Bytes.utf8("held/"))));
    LeaseId lease = new LeaseId(99);
    RaftStore leader = cluster.store(cluster.leader());
    done(Await.value(leader.grantLease(lease, Duration.ofSeconds(60), Principal.MEMBER)));
    assertThat(Await.value(leader.keepAlive(lease, Principal.CLIENT)))
        .isInstanceOf(Renewal.Renewed.class);
    Txn take = Txn.of(Op.put(Bytes.utf8("held/leader"), Bytes.EMPTY, lease));
    done(Await.value(leader.txn(take, Principal.MEMBER)));
    for (RaftStore store : cluster.stores().values()) {
      assertThat(Await.value(store.keepAlive(lease, Principal.CLIENT)))
          .isEqualTo(new Renewal.Denied("etcdserver: permission denied"));
      assertThat(Await.value(store.keepAlive(lease, Principal.MEMBER)))
          .isInstanceOf(Renewal.Renewed.class);
      assertThat(Await.value(store.revokeLease(lease, Principal.CLIENT)))
          .isEqualTo(new Outcome.NotDone<>(StoreError.PERMISSION_DENIED));
    }
    done(Await.value(leader.revokeLease(lease, Principal.MEMBER)));
  }

  @Test
  void everyMemberTellsTheTimeThatALeaseHasLeft() {
    LeaseId lease = new LeaseId(98);
    Bytes key = Bytes.utf8("timed/key");
    RaftStore leader = cluster.store(cluster.leader());
    done(Await.value(leader.grantLease(lease, Duration.ofSeconds(60), Principal.CLIENT)));
    done(Await.value(leader.txn(Txn.of(Op.put(key, Bytes.EMPTY, lease)), Principal.CLIENT)));
    for (RaftStore store : cluster.stores().values()) {
      LeaseTime time = done(Await.value(store.leaseTime(lease)));
      assertThat(time.granted()).isEqualTo(Duration.ofSeconds(60));
      assertThat(time.remaining()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
      assertThat(store.leaseKeys(lease)).containsExactly(key);
      assertThat(store.leases()).contains(lease);
      assertThat(done(Await.value(store.leaseTime(new LeaseId(97)))).exists()).isFalse();
    }
    done(Await.value(leader.revokeLease(lease, Principal.CLIENT)));
  }

  @Test
  void everyMemberHasWhatWasWrittenThroughItAndTheSameHash() {
    for (RaftStore store : cluster.stores().values()) {
      Revision written = put(store, "settled/key", "value").revision();
      assertThat(Await.value(store.caughtUp(written))).isTrue();
      assertThat(store.facts().revision()).isGreaterThanOrEqualTo(written);
      assertThat(get(store, "settled/key", ReadMode.SERIALIZABLE)).contains("value");
    }
    Revision now = cluster.store(cluster.leader()).facts().revision();
    for (RaftStore store : cluster.stores().values()) {
      assertThat(Await.value(store.caughtUp(now))).isTrue();
    }
    assertThat(cluster.stores().values().stream().map(store -> store.keysHash(now)).distinct())
        .hasSize(1);
    assertThat(cluster.store("db1").keysHash(new Revision(now.value() + 1_000)))
        .isInstanceOf(Outcome.NotDone.class);
    assertThat(cluster.stores().values().stream().map(RaftStore::group).distinct()).hasSize(1);
  }

  @Test
  void leasesAreGrantedRenewedAndRevokedAnywhere() {
    for (String at : cluster.stores().keySet()) {
      Store store = cluster.store(at);
      LeaseId lease = new LeaseId(at.hashCode());
      Bytes key = Bytes.utf8("lease/" + at);
      done(Await.value(store.grantLease(lease, Duration.ofSeconds(60), Principal.MEMBER)));
      TxnResult put =
          done(Await.value(store.txn(Txn.of(Op.put(key, Bytes.EMPTY, lease)), Principal.MEMBER)));
      assertThat(Await.value(store.keepAlive(lease, Principal.MEMBER)))
          .isEqualTo(new Renewal.Renewed(Duration.ofSeconds(60)));
      assertThat(Await.value(store.renewHold(key, put.revision())))
          .isEqualTo(new Renewal.Renewed(Duration.ofSeconds(60)));
      assertThat(Await.value(store.renewHold(key, new Revision(put.revision().value() - 1))))
          .isInstanceOf(Renewal.Gone.class);
      done(Await.value(store.revokeLease(lease, Principal.MEMBER)));
      assertThat(get(store, "lease/" + at)).isEmpty();
      assertThat(Await.value(store.keepAlive(lease, Principal.MEMBER)))
          .isInstanceOf(Renewal.Gone.class);
      assertThat(Await.value(store.renewHold(key, put.revision())))
          .isInstanceOf(Renewal.Gone.class);
    }
  }

  @Test
  void aLeaseThatNobodyRenewsEnds() {
    Store store = cluster.store(cluster.follower());
    LeaseId lease = new LeaseId(77);
    done(Await.value(store.grantLease(lease, Duration.ofSeconds(1), Principal.MEMBER)));
    long granted = System.nanoTime();
    done(
        Await.value(
            store.txn(
                Txn.of(Op.put(Bytes.utf8("expiring"), Bytes.EMPTY, lease)), Principal.MEMBER)));
    Await.until("the key ends with its lease", () -> get(store, "expiring").isEmpty());
    assertThat(System.nanoTime() - granted).isGreaterThan(900_000_000L);
  }

  @Test
  void watchesAtEveryMemberSeeEveryChangeOnceAndInOrder() {
    Revision from =
        new Revision(put(cluster.store(cluster.leader()), "watch/first", "").revision().value());
    List<Watching> watchings =
        cluster.stores().values().stream()
            .map(store -> Watching.begin(store, WatchQuery.prefix(Bytes.utf8("watch/"), from)))
            .toList();
    Watching single =
        Watching.begin(
            cluster.store(cluster.follower()),
            new WatchQuery(Bytes.utf8("watch/k7"), Bytes.EMPTY, Revision.NONE, true));
    for (int i = 0; i < 20; i++) {
      put(cluster.store(cluster.follower()), "watch/k" + i, "v" + i);
    }
    put(cluster.store(cluster.leader()), "watch/k7", "again");
    for (Watching watching : watchings) {
      Await.until(watching::toString, () -> watching.keys().size() == 22);
      assertThat(watching.revisions()).isSorted().doesNotHaveDuplicates();
      assertThat(watching.keys().getFirst()).isEqualTo("watch/first");
      watching.close();
    }
    Await.until(single::toString, () -> single.keys().size() == 2);
    assertThat(single.previous()).containsExactly(Optional.empty(), Optional.of("v7"));
    single.close();
  }

  @Test
  void aClosedWatchHearsNothingMore() {
    Store store = cluster.store(cluster.leader());
    Watching closed =
        Watching.begin(store, WatchQuery.prefix(Bytes.utf8("closing/"), Revision.NONE));
    Watching open = Watching.begin(store, WatchQuery.prefix(Bytes.utf8("closing/"), Revision.NONE));
    closed.close();
    put(store, "closing/key", "");
    Await.until("the open one hears", () -> open.keys().size() == 1);
    assertThat(closed.keys()).isEmpty();
    open.close();
  }

  @Test
  void aWatchFromACompactedRevisionIsToldSo() {
    RaftStore store = cluster.store(cluster.leader());
    put(store, "compact/key", "1");
    Revision at = put(store, "compact/key", "2").revision();
    done(Await.value(store.compact(at)));
    Watching watching =
        Watching.begin(store, WatchQuery.prefix(Bytes.utf8("compact/"), new Revision(2)));
    Await.until("the end", () -> watching.ended().isPresent());
    assertThat(watching.ended().map(StoreError::code)).contains(StoreError.Code.COMPACTED);
    assertThat(watching.compactRevision()).isEqualTo(at);
    assertThat(
            Await.value(
                store.range(
                    new RangeQuery(
                        Bytes.utf8("compact/key"),
                        Bytes.EMPTY,
                        0,
                        new Revision(2),
                        RangeQuery.SortOrder.NONE,
                        RangeQuery.SortTarget.KEY,
                        false,
                        false,
                        Revision.NONE,
                        Revision.NONE,
                        Revision.NONE,
                        Revision.NONE),
                    ReadMode.LINEARIZABLE)))
        .isInstanceOf(Outcome.NotDone.class);
  }

  @Test
  void theStatusNamesTheVotersAndWhoLeads() {
    String leader = cluster.leader();
    for (RaftStore store : cluster.stores().values()) {
      Await.until(
          () -> "a full status, but " + store.status(),
          () ->
              store.status().leader().equals(Optional.of(leader))
                  && store.status().voters().size() == 3
                  && store.status().voters().stream().allMatch(voter -> voter.reachable())
                  && store.status().problem().isEmpty()
                  && store.status().appliedIndex() > 0);
    }
  }
}
