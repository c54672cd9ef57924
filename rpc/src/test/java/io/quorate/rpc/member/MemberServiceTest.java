package io.quorate.rpc.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.model.MemberName;
import io.quorate.store.Bytes;
import io.quorate.store.link.VoterEndpoint;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The member service over a real socket. */
final class MemberServiceTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Generous towards pings: these tests are of calls. */
  private static final MemberTimings TIMINGS =
      new MemberTimings(
          Duration.ofMillis(500), Duration.ofMillis(100), PATIENCE, PATIENCE, PATIENCE);

  private SystemTime time;
  private MultiThreadIoEventLoopGroup loops;
  private MemberChannels channels;
  private InetSocketAddress address;
  private String target;

  @BeforeEach
  void prepare() throws IOException {
    loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    time = SystemTime.start();
    channels = new MemberChannels(loops, TIMINGS, time);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = new InetSocketAddress(InetAddress.getLoopbackAddress(), free.getLocalPort());
    }
    target = "127.0.0.1:" + address.getPort();
  }

  @AfterEach
  void end() {
    channels.close();
    time.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private MemberServer serve(VoterEndpoint endpoint) {
    return MemberServer.start("a", address, endpoint, loops);
  }

  private Bytes ask(String text) throws Exception {
    return new GrpcVoterLink(channels)
        .call(target, Bytes.utf8(text), PATIENCE)
        .toCompletableFuture()
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Returns once the channel is connected. */
  private void reach() {
    Until.holds(PATIENCE, () -> channels.to(target).connected());
  }

  @Test
  void carriesRequestAndAnswer() throws Exception {
    try (var _ = serve(r -> CompletableFuture.completedFuture(Bytes.utf8(r.toUtf8() + "!")))) {
      assertThat(ask("term?")).isEqualTo(Bytes.utf8("term?!"));
    }
  }

  /**
   * The round that confirms leadership is begun on behalf of one client's request, serves many, and
   * is followed by the next one. None of it may end with that request, or at its deadline.
   */
  @Test
  void callsOutliveTheRequestThatTheyWereMadeIn() throws Exception {
    CompletableFuture<Bytes> answer = new CompletableFuture<>();
    CompletableFuture<Boolean> arrived = new CompletableFuture<>();
    VoterEndpoint first =
        _ -> {
          arrived.complete(true);
          return answer;
        };
    try (var _ = serve(first)) {
      reach();
      GrpcVoterLink link = new GrpcVoterLink(channels);
      Context.CancellableContext request = Context.current().withCancellation();
      CompletableFuture<Bytes> next =
          request.call(() ->
              link.call(target, Bytes.utf8("term?"), PATIENCE)
                  .thenCompose(term -> link.call(target, term, PATIENCE))
                  .toCompletableFuture());
      arrived.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      request.cancel(null);
      answer.complete(Bytes.utf8("7"));
      assertThat(next.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Bytes.utf8("7"));
    }
  }

  @Test
  void aFailedAnswerAndAnAbsentPeerFail() throws Exception {
    assertThatThrownBy(() -> ask("x")).isInstanceOf(ExecutionException.class);
    try (var _ =
        serve(_ -> CompletableFuture.failedFuture(new IllegalArgumentException("no such")))) {
      reach();
      assertThatThrownBy(() -> ask("x")).hasMessageContaining("no such");
    }
  }

  @Test
  void aCallAfterTheEndFailsWithoutAConnection() throws Exception {
    channels.close();
    assertThatThrownBy(() -> ask("x")).hasMessageContaining("this agent ends");
    // What the call must not need any more.
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).await();
    assertThatThrownBy(() -> ask("x")).hasMessageContaining("this agent ends");
  }

  /** The event loops end right after it: no connection may still be about to use them. */
  @Test
  void theEndIsWaitedFor() throws Exception {
    MultiThreadIoEventLoopGroup one = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    MemberChannels ending = new MemberChannels(one, TIMINGS, time);
    CountDownLatch busy = new CountDownLatch(1);
    try (var _ = serve(CompletableFuture::completedFuture)) {
      Until.holds(PATIENCE, () -> ending.to(target).connected());
      var _ =
          one.submit(() -> {
            busy.await();
            return null;
          });
      Thread closing = Thread.ofPlatform().start(ending::close);
      Until.holds(
          PATIENCE,
          () ->
              closing.getState() == Thread.State.TIMED_WAITING
                  || closing.getState() == Thread.State.TERMINATED);
      assertThat(closing.getState()).isEqualTo(Thread.State.TIMED_WAITING);
      busy.countDown();
      assertThat(closing.join(PATIENCE)).isTrue();
    } finally {
      busy.countDown();
      var _ = one.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  @Test
  void aPeerThatComesBackIsReachedSoon() throws Exception {
    assertThatThrownBy(() -> ask("x")).isInstanceOf(ExecutionException.class);
    try (var _ = serve(CompletableFuture::completedFuture)) {
      reach();
      assertThat(ask("y")).isEqualTo(Bytes.utf8("y"));
    }
  }

  @Test
  void pingTellsWhoIsThere() throws Exception {
    GrpcPeers peers =
        new GrpcPeers(channels, Map.of(new MemberName("a"), target, new MemberName("b"), target));
    assertThat(peers.agentAnswers(new MemberName("a")).toCompletableFuture().get()).isFalse();
    try (var _ = serve(CompletableFuture::completedFuture)) {
      reach();
      assertThat(peers.agentAnswers(new MemberName("a")).toCompletableFuture().get()).isTrue();
      assertThat(peers.agentAnswers(new MemberName("b")).toCompletableFuture().get())
          .as("another member answers at that address")
          .isFalse();
      assertThat(peers.agentAnswers(new MemberName("c")).toCompletableFuture().get()).isFalse();
    }
  }

  @Test
  void aTakenPortNamesTheSetting() {
    try (var _ = serve(CompletableFuture::completedFuture)) {
      assertThatThrownBy(() -> serve(CompletableFuture::completedFuture))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("member_address");
    }
  }
}
