package io.quorate.rpc.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Role;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The admin port, asked by its own client. */
final class AdminServerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final FakeAgent agent = new FakeAgent();
  private AccessGuard guard = AccessGuard.LOOPBACK_ONLY;
  private EventLoopGroup loops;
  private SystemTime time;
  private AdminServer server;
  private AdminClient client;

  @BeforeEach
  void start() throws IOException {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    time = SystemTime.start();
    server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            agent,
            () -> guard,
            agent,
            time,
            loops);
    client = new AdminClient("127.0.0.1:" + server.port());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    time.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private ClusterStatus status() {
    return client.status(PATIENCE).toCompletableFuture().join();
  }

  @Test
  void statusShowsTheSnapshot() {
    agent.publish(Snapshots.primary(Duration.ofMillis(2500)));
    agent.at(Snapshots.AT.plus(Duration.ofMillis(100)));
    ClusterStatus status = status();
    assertThat(status.getScope()).isEqualTo("demo");
    assertThat(status.getRevision()).isEqualTo(42);
    assertThat(status.getViewAgeMs()).isEqualTo(100);
    assertThat(status.getSystemIdentifier()).isEqualTo(Long.toUnsignedString(Snapshots.SYSTEM));
    assertThat(status.getPrimary()).isEqualTo("a");
    assertThat(status.getEpoch()).isEqualTo(7);
    assertThat(status.getMembersList()).hasSize(2);
    assertThat(status.getMembers(0).getRole()).isEqualTo(Role.ROLE_PRIMARY);
    assertThat(status.getMembers(0).hasReceiveLag()).isFalse();
    assertThat(status.getMembers(1).getState()).isEqualTo("streaming");
    assertThat(status.getMembers(1).getReplayLag()).isEqualTo(3_108_960);
    assertThat(status.getNode().getName()).isEqualTo("a");
    assertThat(status.getNode().getPrimary()).isTrue();
    assertThat(status.getNode().getLeaseLeftMs()).isEqualTo(2400);
    assertThat(status.getStore().getLeader()).isEqualTo("b");
    assertThat(status.getSettings().getTtlMs()).isEqualTo(3000);
    assertThat(status.getLastFailover().getLoss())
        .isEqualTo("3 commits, WAL 0/4000000 to 0/4000088, kept in /kept");
  }

  @Test
  void aStartingAgentIsUnavailable() {
    assertThatThrownBy(this::status)
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("the agent is starting");
  }

  @Test
  void watchSendsThePresentAndEachChangeUntilTheServerEnds() throws InterruptedException {
    BlockingQueue<ClusterStatus> seen = new LinkedBlockingQueue<>();
    BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    agent.publish(Snapshots.standby());
    client.watch(seen::add, ended::add);
    assertThat(take(seen).getNode().getName()).isEqualTo("b");
    agent.publish(Snapshots.primary(Duration.ofSeconds(1)));
    assertThat(take(seen).getNode().getName()).isEqualTo("a");
    server.close();
    assertThat(ended.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).contains("the agent is ending");
  }

  private static ClusterStatus take(BlockingQueue<ClusterStatus> seen) throws InterruptedException {
    ClusterStatus status = seen.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(status).isNotNull();
    return status;
  }

  @Test
  void stopClusterPassesTheWishAndTheRefusalOn() {
    assertThat(client.stopCluster(PATIENCE).toCompletableFuture().join()).isNotNull();
    assertThat(agent.stops).hasValue(1);
    agent.refuseToStop("the store has no leader");
    assertThatThrownBy(() -> client.stopCluster(PATIENCE).toCompletableFuture().join())
        .hasMessageContaining("the store has no leader")
        .cause()
        .isInstanceOfSatisfying(
            AdminClient.Refused.class, refused -> assertThat(refused.reached()).isTrue());
  }

  @Test
  void anAbsentMemberIsNotReached() {
    server.close();
    assertThatThrownBy(this::status)
        .hasMessageContaining("Connection refused")
        .cause()
        .isInstanceOfSatisfying(
            AdminClient.Refused.class, refused -> assertThat(refused.reached()).isFalse());
  }

  @Test
  void healthOfThePrimaryIsJudgedWhenAsked() {
    var channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    try {
      HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
      assertThat(check(health, "")).isEqualTo(ServingStatus.SERVING);
      assertThat(check(health, "primary")).isEqualTo(ServingStatus.NOT_SERVING);
      agent.publish(Snapshots.primary(Duration.ofSeconds(1)));
      assertThat(check(health, "primary")).isEqualTo(ServingStatus.SERVING);
      var watch = health.watch(request("primary"));
      assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);
      agent.at(Snapshots.AT.plus(Duration.ofSeconds(1)));
      assertThat(check(health, "primary")).isEqualTo(ServingStatus.NOT_SERVING);
      assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
      assertThatThrownBy(() -> check(health, "standby")).hasMessageContaining("NOT_FOUND");
    } finally {
      channel.shutdownNow();
    }
  }

  private static ServingStatus check(HealthGrpc.HealthBlockingStub health, String service) {
    return health.check(request(service)).getStatus();
  }

  private static HealthCheckRequest request(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  @Test
  void aSlowReaderGetsTheLatestAndHoldsNothingElse() throws InterruptedException {
    agent.publish(Snapshots.standby());
    BlockingQueue<ClusterStatus> seen = new LinkedBlockingQueue<>();
    client.watch(seen::add, _ -> {});
    assertThat(take(seen)).isNotNull();
    for (int i = 0; i < 5_000; i++) {
      agent.publish(Snapshots.standby());
    }
    agent.publish(Snapshots.primary(Duration.ofSeconds(1)));
    Predicate<ClusterStatus> last = status -> status.getNode().getName().equals("a");
    ClusterStatus status = take(seen);
    while (!last.test(status)) {
      status = take(seen);
    }
    assertThat(seen).isEmpty();
  }
}
