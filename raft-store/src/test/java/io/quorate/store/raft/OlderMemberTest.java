package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.proto.store.v1.VoterMessages.JoinAnswer;
import io.quorate.proto.store.v1.VoterMessages.JoinRequest;
import io.quorate.proto.store.v1.VoterMessages.VoterAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import io.quorate.store.Bytes;
import io.quorate.store.Op;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member that does not say that it knows entries of several transactions. */
final class OlderMemberTest {
  private static final int PUTS = 400;

  @TempDir Path dir;

  @Test
  void meetsNoEntryThatItDoesNotKnow() {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      String leader = cluster.leader();
      String old = cluster.follower();
      cluster.net().rewriteAnswers(cluster.memberAddress(old), OlderMemberTest::asOlder);
      RaftStore store = cluster.store(leader);
      // The next pulse makes it known; what was heard before says that it is new.
      Await.until("each transaction has its own entry", () -> entriesOfPuts(store) >= PUTS);

      // Upgraded.
      cluster.net().rewriteAnswers(cluster.memberAddress(old), answer -> answer);
      Await.until("transactions share entries", () -> entriesOfPuts(store) < PUTS / 2);
      assertThat(cluster.leader()).isEqualTo(leader);
    }
  }

  @Test
  void isNotTakenInByANewerOne() throws InvalidProtocolBufferException {
    try (TestCluster cluster = new TestCluster(dir, 1).start()) {
      RaftStore store = cluster.store("db1");
      put(store, "key", "value");
      JoinRequest.Builder request =
          JoinRequest.newBuilder()
              .setPeer("db2-000000000000")
              .setName("db2")
              .setRaftAddress("127.0.0.1:1")
              .setMemberAddress("127.0.0.1:2");
      JoinAnswer refused = join(store, request);
      assertThat(refused.getVerdict()).isEqualTo(JoinAnswer.Verdict.VERDICT_REFUSED);
      assertThat(refused.getReason())
          .contains("db2 runs an older version than db1")
          .contains("upgrade db2 first");
      assertThat(join(store, request.setEntryLevel(1)).getReason())
          .contains("'db2' is not in raft.members");
    }
  }

  private JoinAnswer join(RaftStore store, JoinRequest.Builder join)
      throws InvalidProtocolBufferException {
    VoterRequest request =
        VoterRequest.newBuilder()
            .setGroup(store.group().orElseThrow())
            .setSender("db2")
            .setJoin(join)
            .build();
    Bytes answer = Await.value(store.endpoint().answer(Bytes.of(request.toByteArray())));
    return VoterAnswer.parseFrom(answer.toByteArray()).getJoin();
  }

  /** Puts many at once, and tells how many entries the log had for them. */
  private static long entriesOfPuts(RaftStore store) {
    long before = store.status().commitIndex();
    List<CompletionStage<Outcome<TxnResult>>> puts = new ArrayList<>();
    for (int i = 0; i < PUTS; i++) {
      puts.add(
          store.txn(Txn.of(Op.put(Bytes.utf8("key" + i % 10), Bytes.utf8("x"))), Principal.MEMBER));
    }
    puts.forEach(put -> assertThat(Await.value(put)).isInstanceOf(Outcome.Done.class));
    // A read that every entry before it is applied for.
    Outcome<?> read =
        Await.value(store.range(RangeQuery.key(Bytes.utf8("key0")), ReadMode.LINEARIZABLE));
    assertThat(read).isInstanceOf(Outcome.Done.class);
    return store.status().commitIndex() - before;
  }

  private static Bytes asOlder(Bytes answer) {
    try {
      VoterAnswer said = VoterAnswer.parseFrom(answer.toByteArray());
      return said.hasTerm()
          ? Bytes.of(
              said.toBuilder()
                  .setTerm(said.getTerm().toBuilder().clearEntryLevel())
                  .build()
                  .toByteArray())
          : answer;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
