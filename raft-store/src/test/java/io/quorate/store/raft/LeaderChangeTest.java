package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.done;
import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Renewal;
import io.quorate.store.StoreError;
import io.quorate.store.StoreStatus;
import io.quorate.store.Txn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leaders that go, cannot be reached, or are told to hand over. */
final class LeaderChangeTest {
  private static final Logger FIGURES = LoggerFactory.getLogger("io.quorate.figures");

  @TempDir static Path dir;
  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = new TestCluster(dir, 3).start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void aChangeOfLeaderIsADelayAndNotAnError() {
    try (TestCluster cluster = new TestCluster(dir.resolve("other"), 3).start()) {
      String former = cluster.leader();
      String follower = cluster.follower();
      LeaseId lease = new LeaseId(5);
      put(cluster.store(follower), "key", "before");
      done(
          Await.value(
              cluster.store(follower).grantLease(lease, Duration.ofSeconds(2), Principal.MEMBER)));
      done(
          Await.value(
              cluster
                  .store(follower)
                  .txn(Txn.of(Op.put(Bytes.utf8("held"), Bytes.EMPTY, lease)), Principal.MEMBER)));
      List<StoreStatus> heard = new CopyOnWriteArrayList<>();
      cluster.store(follower).onStatusChange(heard::add);

      cluster.cutOff(former);
      long begun = System.nanoTime();
      put(cluster.store(follower), "key", "after");
      long millis = (System.nanoTime() - begun) / 1_000_000;
      FIGURES.info("leader cut off -> next put done at a follower: {} ms", millis);

      assertThat(get(cluster.store(follower), "key")).isEqualTo(Optional.of("after"));
      // The new leader gave the lease its whole time anew; from then on it runs out.
      long ready = System.nanoTime();
      assertThat(get(cluster.store(follower), "held")).isPresent();
      Await.until("the lease ends", () -> get(cluster.store(follower), "held").isEmpty());
      assertThat(System.nanoTime() - ready).isGreaterThan(1_000_000_000L);
      Await.until(
          () -> "told of the new leader: " + heard,
          () ->
              heard.stream()
                  .anyMatch(status ->
                      status.leader().isPresent() && !status.leader().equals(Optional.of(former))));
      oneAloneRefuses(cluster);
    }
  }

  @Test
  void leadershipMovesWhenAsked() {
    String target = cluster.follower();
    String asked =
        cluster.stores().keySet().stream()
            .filter(name -> !name.equals(target) && !name.equals(cluster.leader()))
            .findFirst()
            .orElseThrow();
    assertThat(done(Await.value(cluster.store(asked).transferLeadership(target))))
        .isEqualTo(target);
    assertThat(cluster.leader()).isEqualTo(target);
    put(cluster.store(asked), "key", "value");
    assertThat(Await.value(cluster.store(asked).transferLeadership("nobody")))
        .isInstanceOf(Outcome.NotDone.class);
  }

  /** Raft would hold all requests back until the transfer is given up. */
  @Test
  void leadershipIsNotMovedToAVoterThatHasJustDied() {
    try (TestCluster cluster = new TestCluster(dir.resolve("dead"), 3).start()) {
      String leader = cluster.leader();
      String heir = cluster.follower();
      cluster.cutOff(heir);
      assertThat(Await.value(cluster.store(leader).transferLeadership(heir)))
          .isInstanceOfSatisfying(
              Outcome.NotDone.class,
              refused -> assertThat(refused.error().message()).contains("does not answer"));
      assertThat(cluster.leader()).isEqualTo(leader);
      put(cluster.store(leader), "key", "value");
    }
  }

  @Test
  void withoutAMajorityOfVotersNothingIsConfirmed() {
    String leader = cluster.leader();
    RaftStore store = cluster.store(leader);
    LeaseId lease = new LeaseId(9);
    done(Await.value(store.grantLease(lease, Duration.ofSeconds(2), Principal.MEMBER)));
    done(
        Await.value(
            store.txn(Txn.of(Op.put(Bytes.utf8("held"), Bytes.EMPTY, lease)), Principal.MEMBER)));
    assertThat(Await.value(store.keepAlive(lease, Principal.MEMBER)))
        .isInstanceOf(Renewal.Renewed.class);

    // Raft goes on, but the leader's questions reach nobody.
    for (String other : cluster.stores().keySet()) {
      cluster.net().cut(cluster.memberAddress(leader), cluster.memberAddress(other));
    }
    assertThat(Await.value(store.keepAlive(lease, Principal.MEMBER)))
        .isInstanceOf(Renewal.Unavailable.class);
    assertThat(Await.value(store.range(RangeQuery.key(Bytes.utf8("held")), ReadMode.LINEARIZABLE)))
        .isInstanceOfSatisfying(
            Outcome.NotDone.class,
            refused -> assertThat(refused.error().code()).isEqualTo(StoreError.Code.UNAVAILABLE));
    put(store, "key", "the log needs no questions");
    Await.until(
        "the lease that could not be extended ends",
        () -> get(store, "held", ReadMode.SERIALIZABLE).isEmpty());

    cluster.net().heal();
    assertThat(get(store, "key")).isEqualTo(Optional.of("the log needs no questions"));
  }

  @Test
  void aLostAnswerIsAskedForAgainAndTheWriteDoneOnce() {
    String leader = cluster.leader();
    String follower = cluster.follower();
    RaftStore store = cluster.store(follower);
    put(store, "once", "first");
    // What the follower sends arrives, and is done; the answers are lost.
    cluster.net().cut(cluster.memberAddress(leader), cluster.memberAddress(follower));
    var outcome =
        store
            .txn(Txn.of(Op.put(Bytes.utf8("once"), Bytes.utf8("second"))), Principal.MEMBER)
            .toCompletableFuture();
    Await.until(
        "the write arrives",
        () ->
            get(cluster.store(leader), "once", ReadMode.SERIALIZABLE)
                .equals(Optional.of("second")));
    assertThat(outcome).isNotDone();
    done(Await.value(cluster.store(leader).transferLeadership(third(cluster, leader, follower))));

    done(Await.value(outcome));
    KeyValue key =
        done(Await.value(store.range(RangeQuery.key(Bytes.utf8("once")), ReadMode.LINEARIZABLE)))
            .keys()
            .getFirst();
    assertThat(key.version()).as("puts of the key").isEqualTo(2);
    cluster.net().heal();
  }

  /** It asked the former leader, and would wait for that answer as long as for any other. */
  @Test
  void whoeverLeadsNowDoesNotWaitForTheFormerLeader() {
    String leader = cluster.leader();
    String follower = cluster.follower();
    put(cluster.store(follower), "asked", "first");
    cluster.net().cut(cluster.memberAddress(follower), cluster.memberAddress(leader));
    var outcome =
        cluster
            .store(follower)
            .txn(Txn.of(Op.put(Bytes.utf8("asked"), Bytes.utf8("second"))), Principal.MEMBER)
            .toCompletableFuture();
    cluster.net().heal();
    assertThat(outcome).isNotDone();
    done(Await.value(cluster.store(leader).transferLeadership(follower)));

    done(Await.value(outcome));
    assertThat(get(cluster.store(leader), "asked")).contains("second");
  }

  private static void oneAloneRefuses(TestCluster cluster) {
    String left = cluster.leader();
    put(cluster.store(left), "key", "value");
    cluster.stores().keySet().stream()
        .filter(name -> !name.equals(left))
        .toList()
        .forEach(cluster::close);
    Await.until("it steps down", () -> !cluster.store(left).status().leading());
    assertThat(
            Await.value(
                cluster
                    .store(left)
                    .txn(Txn.of(Op.put(Bytes.utf8("key"), Bytes.EMPTY)), Principal.MEMBER)))
        .isInstanceOfSatisfying(
            Outcome.NotDone.class,
            refused -> assertThat(refused.error().code()).isEqualTo(StoreError.Code.UNAVAILABLE));
    assertThat(get(cluster.store(left), "key", ReadMode.SERIALIZABLE))
        .isEqualTo(Optional.of("value"));
  }

  private static String third(TestCluster cluster, String one, String other) {
    return cluster.stores().keySet().stream()
        .filter(name -> !name.equals(one) && !name.equals(other))
        .findFirst()
        .orElseThrow();
  }
}
