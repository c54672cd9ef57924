package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseKeepAliveRequest;
import io.quorate.proto.etcd.LeaseKeepAliveResponse;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.store.LeaseId;
import io.quorate.store.Principal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests of clients that would rather go elsewhere than to a member without a leader. */
final class LeaderRequiredTest {

  private static final EtcdSettings.Limits LIMITS =
      new EtcdSettings.Limits(
          1536 * 1024,
          1536 * 1024,
          10,
          4,
          16,
          Duration.ofMinutes(1),
          Duration.ofSeconds(2),
          Duration.ofMillis(300));

  @Test
  void areRefusedAndTheirStreamsEndWhereNoneIsKnown(@TempDir Path dir) throws Exception {
    try (EtcdCluster cluster = EtcdCluster.start(dir, 3, LIMITS)) {
      int left = cluster.follower();
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", cluster.port(left)).usePlaintext().build();
      Metadata hasLeader = new Metadata();
      hasLeader.put(LeaderRequired.HAS_LEADER, "true");
      var requiring = MetadataUtils.newAttachHeadersInterceptor(hasLeader);
      RangeRequest local =
          RangeRequest.newBuilder()
              .setKey(ByteString.copyFromUtf8("k"))
              .setSerializable(true)
              .build();
      KVGrpc.KVBlockingStub requiringKv =
          KVGrpc.newBlockingStub(channel).withInterceptors(requiring);
      assertThat(requiringKv.range(local).getCount()).isZero();
      Answers<WatchResponse> watching = new Answers<>();
      WatchGrpc.newStub(channel)
          .withInterceptors(requiring)
          .watch(watching)
          .onNext(
              WatchRequest.newBuilder()
                  .setCreateRequest(
                      WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")))
                  .build());
      assertThat(watching.next()).isInstanceOf(WatchResponse.class);
      for (int i = 0; i < 3; i++) {
        if (i != left) {
          cluster.stop(i);
        }
      }
      assertThat(watching.next())
          .isInstanceOfSatisfying(StatusRuntimeException.class, LeaderRequiredTest::noLeader);
      assertThatThrownBy(() -> requiringKv.range(local))
          .isInstanceOfSatisfying(StatusRuntimeException.class, LeaderRequiredTest::noLeader);
      // Who does not require one is served what needs none.
      assertThat(KVGrpc.newBlockingStub(channel).range(local).getCount()).isZero();
      assertThatThrownBy(() ->
              KVGrpc.newBlockingStub(channel)
                  .put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused ->
                  assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
      channel.shutdownNow();
    }
  }

  @Test
  void keepAlivesBeyondTheWindowAreAnsweredInTheirOrderAllTheSame(@TempDir Path dir)
      throws IOException, InterruptedException {
    try (EtcdCluster cluster = EtcdCluster.start(dir, 1, LIMITS)) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", cluster.port(0)).usePlaintext().build();
      for (long id = 1; id <= 3; id++) {
        cluster
            .store(0)
            .grantLease(new LeaseId(id), Duration.ofSeconds(60), Principal.CLIENT)
            .toCompletableFuture()
            .join();
      }
      Answers<LeaseKeepAliveResponse> kept = new Answers<>();
      StreamObserver<LeaseKeepAliveRequest> requests =
          LeaseGrpc.newStub(channel).leaseKeepAlive(kept);
      for (long i = 0; i < 10L * LIMITS.renewals(); i++) {
        requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(1 + i % 4).build());
      }
      requests.onCompleted();
      for (long i = 0; i < 10L * LIMITS.renewals(); i++) {
        long id = 1 + i % 4;
        assertThat(kept.next())
            .isInstanceOfSatisfying(
                LeaseKeepAliveResponse.class,
                answer -> {
                  assertThat(answer.getID()).isEqualTo(id);
                  assertThat(answer.getTTL()).isEqualTo(id == 4 ? 0 : 60);
                });
      }
      channel.shutdownNow();
    }
  }

  private static void noLeader(StatusRuntimeException refused) {
    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refused.getStatus().getDescription()).isEqualTo("etcdserver: no leader");
  }

  private static final class Answers<T> implements StreamObserver<T> {
    private final BlockingQueue<Object> all = new LinkedBlockingQueue<>();

    Object next() throws InterruptedException {
      Object next = all.poll(30, TimeUnit.SECONDS);
      assertThat(next).as("the next answer").isNotNull();
      return java.util.Objects.requireNonNull(next);
    }

    @Override
    public void onNext(T answer) {
      all.add(java.util.Objects.requireNonNull(answer));
    }

    @Override
    public void onError(Throwable thrown) {
      all.add(thrown);
    }

    @Override
    public void onCompleted() {}
  }
}
