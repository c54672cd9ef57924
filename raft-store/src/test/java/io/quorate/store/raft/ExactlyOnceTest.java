package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.done;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.Op;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.machine.RequestId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that send every request again and again under the same number, to whatever member. The
 * version of a key counts the puts that took effect, so one too many would show.
 */
final class ExactlyOnceTest {

  private static final RaftStoreConfig.LogSettings SMALL =
      new RaftStoreConfig.LogSettings(100, 0, 2, 16 * 1024);
  private static final Bytes COUNTER = Bytes.utf8("counter");
  private static final int CLIENTS = 4;
  private static final int REQUESTS = 24;

  @TempDir Path dir;

  /** The revision at which each request was first said to be done. */
  private final Map<RequestId, Revision> answers = new LinkedHashMap<>();

  @Test
  void aRequestSentAgainAcrossLeaderChangeSnapshotAndRestartIsDoneOnce() {
    try (TestCluster cluster =
        new TestCluster(dir, 3).with(config -> config.withLog(SMALL)).start()) {
      List<Long> sessions = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        sessions.add(done(Await.value(cluster.store(cluster.leader()).openSession())));
      }
      for (int sequence = 1; sequence <= REQUESTS; sequence++) {
        everywhereAtOnce(cluster, sessions, sequence);
      }
      assertCounted(cluster);

      String late = cluster.follower();
      cluster.close(late);
      for (int i = 0; i < 300; i++) {
        put(cluster.store(cluster.leader()), "filler" + i % 20, "x".repeat(200));
      }
      RaftStore back = cluster.open(late);
      cluster.awaitVoters(3);
      Await.until(
          "it leads with what a snapshot brought it",
          () ->
              back.status().leading()
                  || Await.value(cluster.store(cluster.leader()).transferLeadership(late))
                      instanceof Outcome.Done<String>);
      sendAllAgain(back);
      assertCounted(cluster);

      List<String> names = List.copyOf(cluster.stores().keySet());
      names.forEach(cluster::cutOff);
      names.forEach(cluster::open);
      cluster.awaitVoters(3);
      names.forEach(name -> sendAllAgain(cluster.store(name)));
      assertCounted(cluster);
    }
  }

  /** Each client sends its next request to all members; in the middle of it the leader may go. */
  private void everywhereAtOnce(TestCluster cluster, List<Long> sessions, int sequence) {
    Map<RequestId, List<CompletionStage<Outcome<TxnResult>>>> underWay = new LinkedHashMap<>();
    for (long session : sessions) {
      RequestId id = new RequestId(session, sequence);
      List<CompletionStage<Outcome<TxnResult>>> sent = new ArrayList<>();
      cluster.stores().values().forEach(store -> sent.add(store.numbered(count(id), id)));
      underWay.put(id, sent);
    }
    if (sequence % 8 == 0) {
      String leader = cluster.leader();
      cluster.cutOff(leader);
      cluster.open(leader);
      cluster.awaitVoters(3);
    }
    underWay.forEach((id, sent) -> {
      sent.forEach(stage -> note(id, Await.value(stage)));
      note(id, Await.value(cluster.store(cluster.follower()).numbered(count(id), id)));
      assertThat(answers).as("answered at last").containsKey(id);
    });
  }

  private void sendAllAgain(RaftStore store) {
    List.copyOf(answers.keySet())
        .forEach(id -> {
          Outcome<TxnResult> outcome = Await.value(store.numbered(count(id), id));
          assertThat(outcome).isInstanceOf(Outcome.Done.class);
          note(id, outcome);
        });
  }

  private static Txn count(RequestId id) {
    return Txn.of(Op.put(COUNTER, Bytes.utf8(id.toString())));
  }

  /** What is done is done at one revision, whoever says so and however often. */
  private void note(RequestId id, Outcome<TxnResult> outcome) {
    if (outcome instanceof Outcome.Done<TxnResult>(TxnResult result)) {
      Revision first = answers.putIfAbsent(id, result.revision());
      assertThat(result.revision())
          .as("%s", id)
          .isEqualTo(first == null ? result.revision() : first);
    }
  }

  private void assertCounted(TestCluster cluster) {
    KeyValue counter =
        done(Await.value(
                cluster
                    .store(cluster.leader())
                    .range(RangeQuery.key(COUNTER), ReadMode.LINEARIZABLE)))
            .keys()
            .getFirst();
    assertThat(counter.version()).as("puts that took effect").isEqualTo(answers.size());
  }
}
