package io.quorate.rpc.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.model.Secret;
import io.quorate.proto.admin.v1.Config;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.access.AddressRange;
import io.quorate.rpc.access.Login;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls that change something, with a store behind them: outcomes, stable reasons, logins. */
final class AdminChangesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Login LOGIN = new Login("ops", new Secret("secret"));

  private final FakeAgent agent = new FakeAgent();
  private volatile AccessGuard guard = AccessGuard.LOOPBACK_ONLY;
  private EventLoopGroup loops;
  private SystemTime time;
  private AdminServer server;

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
    agent.publish(Snapshots.primary(Duration.ofMillis(2500)));
  }

  @AfterEach
  void stop() {
    server.close();
    time.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private <T> T call(
      Optional<String> authorization, Function<AdminClient, CompletionStage<T>> call) {
    try (AdminClient client =
        new AdminClient("127.0.0.1:" + server.port(), AdminClient.Access.plain(authorization))) {
      return call.apply(client).toCompletableFuture().join();
    }
  }

  private Config replace(String json, long madeFrom) {
    return call(Optional.empty(), client -> client.replaceConfig(json, madeFrom, PATIENCE));
  }

  private static void isRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String reason, String text) {
    assertThatThrownBy(call)
        .cause()
        .isInstanceOfSatisfying(
            AdminClient.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(reason);
              assertThat(refused).hasMessageContaining(text);
            });
  }

  @Test
  void theConfigurationIsReadAndReplacedAtItsRevision() {
    agent.configure("{\"ttl\":5}");
    Config before = call(Optional.empty(), client -> client.config(PATIENCE));
    assertThat(before.getJson()).isEqualTo("{\"ttl\":5}");
    Config after = replace("{\"ttl\":6,\"check_timeline\":true}", before.getRevision());
    assertThat(after.getChanged()).isTrue();
    assertThat(after.getRevision()).isGreaterThan(before.getRevision());
    assertThat(after.getIgnoredList()).singleElement().asString().startsWith("check_timeline: ");
    assertThat(replace("{\"ttl\":\"6\",\"check_timeline\":true}", 0).getChanged()).isFalse();
    isRefused(() -> replace("{\"ttl\":7}", before.getRevision()), "CONFIG_CONFLICT", "meanwhile");
    isRefused(() -> replace("{\"ttl\":\"x\"}", 0), "CONFIG_INVALID", "ttl: must be");
    isRefused(() -> replace("nonsense", 0), "CONFIG_INVALID", "is not JSON");
  }

  @Test
  void withoutAClusterThereIsNone() {
    isRefused(
        () -> call(Optional.empty(), client -> client.config(PATIENCE)),
        "NO_CONFIG",
        "no cluster was made yet");
  }

  @Test
  void aClosedStoreIsSaidToBe() {
    agent.store.close();
    isRefused(
        () -> call(Optional.empty(), client -> client.config(PATIENCE)),
        "STORE_UNAVAILABLE",
        "the store does not answer");
  }

  @Test
  void historyShowsEachChangeOfTimeline() {
    var history = call(Optional.empty(), client -> client.history(PATIENCE));
    assertThat(history.getEntriesList()).hasSize(1);
    assertThat(history.getEntries(0).getTimeline()).isEqualTo(1);
    assertThat(history.getEntries(0).getLsn()).isEqualTo(67_108_960);
    assertThat(history.getEntries(0).getNewPrimary()).isEqualTo("a");
  }

  @Test
  void aLoginIsAskedForOnlyWhereSomethingChanges() {
    agent.configure("{\"ttl\":5}");
    guard = new AccessGuard(Optional.of(LOGIN), List.of());
    Config shown = call(Optional.empty(), client -> client.config(PATIENCE));
    assertThat(shown.getJson()).isEqualTo("{\"ttl\":5}");
    isRefused(() -> replace("{\"ttl\":6}", 0), "NO_CREDENTIALS", "no auth header");
    isRefused(
        () -> call(Optional.of("Basic eA=="), client -> client.stopCluster(PATIENCE)),
        "WRONG_CREDENTIALS",
        "not authenticated");
    assertThat(agent.stops).hasValue(0);
    assertThat(
            call(
                    Optional.of(LOGIN.authorization()),
                    client -> client.replaceConfig("{\"ttl\":6}", 0, PATIENCE))
                .getChanged())
        .isTrue();
  }

  @Test
  void otherAddressesAreForbidden() {
    guard = new AccessGuard(Optional.empty(), List.of(AddressRange.parse("192.0.2.0/24")));
    isRefused(() -> replace("{}", 0), "NOT_ALLOWLISTED", "'restapi.allowlist'");
  }
}
