package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.proto.store.v1.VoterMessages.JoinAnswer;
import io.quorate.proto.store.v1.VoterMessages.JoinRequest;
import io.quorate.proto.store.v1.VoterMessages.VoterAnswer;
import io.quorate.proto.store.v1.VoterMessages.VoterRequest;
import io.quorate.store.Bytes;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.ReadIndexRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member that speaks in the name of another one. */
final class ImpostorTest {

  @TempDir Path dir;

  @Test
  void isNotTakenInUnderTheOthersName() throws InvalidProtocolBufferException {
    try (TestCluster cluster = new TestCluster(dir, 1).start()) {
      RaftStore store = cluster.store("db1");
      VoterAnswer refused = join(store, "db2", Optional.of("db3"));
      assertThat(refused.hasJoin()).isFalse();
      assertThat(refused.getRefused())
          .isEqualTo("db3 asks to join as 'db2': its certificate speaks for another member");
      // In its own name, or where nobody shows a certificate, the rules for joiners decide.
      for (Optional<String> caller : List.of(Optional.of("db2"), Optional.<String>empty())) {
        JoinAnswer judged = join(store, "db2", caller).getJoin();
        assertThat(judged.getVerdict()).isEqualTo(JoinAnswer.Verdict.VERDICT_REFUSED);
        assertThat(judged.getReason()).contains("'db2' is not in raft.members");
      }
      assertThat(store.members()).hasSize(1);
    }
  }

  private static VoterAnswer join(RaftStore store, String name, Optional<String> caller)
      throws InvalidProtocolBufferException {
    VoterRequest request =
        VoterRequest.newBuilder()
            .setGroup(store.group().orElseThrow())
            .setSender(name)
            .setJoin(
                JoinRequest.newBuilder()
                    .setPeer(name + "-000000000000")
                    .setName(name)
                    .setRaftAddress("127.0.0.1:1")
                    .setMemberAddress("127.0.0.1:2")
                    .setEntryLevel(1))
            .build();
    Bytes answer = Await.value(store.endpoint().answer(Bytes.of(request.toByteArray()), caller));
    return VoterAnswer.parseFrom(answer.toByteArray());
  }

  /** What the Raft port compares with the certificate. */
  @Test
  void everyKindOfRaftRequestHasASenderAndOthersHaveNone() {
    RaftRpcRequestProto header =
        RaftRpcRequestProto.newBuilder()
            .setRequestorId(ByteString.copyFromUtf8("db3-0a1b2c3d4e5f"))
            .setReplyId(ByteString.copyFromUtf8("db1-000000000000"))
            .build();
    assertThat(
            List.of(
                RequestVoteRequestProto.newBuilder().setServerRequest(header).build(),
                StartLeaderElectionRequestProto.newBuilder().setServerRequest(header).build(),
                AppendEntriesRequestProto.newBuilder().setServerRequest(header).build(),
                InstallSnapshotRequestProto.newBuilder().setServerRequest(header).build(),
                ReadIndexRequestProto.newBuilder().setServerRequest(header).build()))
        .allSatisfy(request -> assertThat(RaftPeerName.sender(request)).contains("db3"));
    assertThat(RaftPeerName.sender(header)).isEmpty();
  }
}
