package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.quorate.proto.etcd.ClusterGrpc;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.Member;
import io.quorate.proto.etcd.MemberListRequest;
import io.quorate.proto.etcd.MemberListResponse;
import io.quorate.proto.etcd.StatusRequest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member that does not vote, as etcd's clients see it. */
final class LearnerTest {

  @Test
  void aListenerIsALearner(@TempDir Path dir) throws IOException {
    try (EtcdCluster cluster = EtcdCluster.start(dir, 1)) {
      cluster.addListener("db2");
      EtcdCluster.await(() -> cluster.store(1).members().size() == 2);
      for (int i = 0; i < 2; i++) {
        ManagedChannel channel =
            NettyChannelBuilder.forAddress("127.0.0.1", cluster.port(i)).usePlaintext().build();
        try {
          MemberListResponse list =
              ClusterGrpc.newBlockingStub(channel)
                  .memberList(MemberListRequest.newBuilder().setLinearizable(true).build());
          assertThat(list.getMembersList())
              .extracting(Member::getName, Member::getIsLearner)
              .containsExactlyInAnyOrder(
                  org.assertj.core.groups.Tuple.tuple("db1", false),
                  org.assertj.core.groups.Tuple.tuple("db2", true));
          assertThat(
                  MaintenanceGrpc.newBlockingStub(channel)
                      .status(StatusRequest.getDefaultInstance())
                      .getIsLearner())
              .as("member %s", i)
              .isEqualTo(i == 1);
        } finally {
          channel.shutdownNow();
        }
      }
      Etcdctl etcdctl = new Etcdctl("127.0.0.1:" + cluster.port(1));
      assertThat(etcdctl.run("member", "list").ok().lines())
          .anyMatch(line -> line.contains("db2") && line.endsWith("true"))
          .anyMatch(line -> line.contains("db1") && line.endsWith("false"));
      // As etcd does, in the column after the leader's.
      assertThat(etcdctl.run("endpoint", "status").ok()).contains(", false, true, ");
    }
  }
}
