package io.quorate.rpc.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.model.HaTimings;
import io.quorate.store.Bytes;
import io.quorate.store.link.VoterEndpoint;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A member whose host goes without a word, behind a network that loses everything. */
final class VanishedMemberTest {

  private static final HaTimings LAN = HaTimings.lan();

  /** What no caller would wait; only the watch over the connection ends such a call sooner. */
  private static final Duration LONG = Duration.ofSeconds(60);

  /** Asked after at the latest, and no answer; the rest is for a machine under load. */
  private static final Duration NOTICED =
      LAN.electionMin().multipliedBy(2).plus(LAN.electionMax()).plus(Duration.ofSeconds(2));

  private SystemTime time;
  private MultiThreadIoEventLoopGroup loops;
  private MemberChannels channels;
  private InetSocketAddress address;

  @BeforeEach
  void prepare() throws IOException {
    time = SystemTime.start();
    loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    channels =
        new MemberChannels(loops, MemberTimings.of(LAN.electionMin(), LAN.electionMax()), time);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = new InetSocketAddress(InetAddress.getLoopbackAddress(), free.getLocalPort());
    }
  }

  @AfterEach
  void end() {
    channels.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    time.close();
  }

  private CompletableFuture<Bytes> ask(DroppingRelay relay, Duration limit) {
    return new GrpcVoterLink(channels)
        .call(relay.address(), Bytes.utf8("term?"), limit)
        .toCompletableFuture();
  }

  private boolean answers(DroppingRelay relay) {
    try {
      return ask(relay, Duration.ofMillis(200)).get().equals(Bytes.utf8("term?"));
    } catch (ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private MemberServer serve(VoterEndpoint endpoint) {
    return MemberServer.start("a", address, endpoint, loops);
  }

  @Test
  void isNoticedWithinAnElectionAndReachedOnceItIsBack() throws Exception {
    try (var _ = serve(CompletableFuture::completedFuture);
        DroppingRelay relay = new DroppingRelay(address)) {
      Until.holds(LONG, () -> answers(relay));

      relay.drop(true);
      CompletableFuture<Bytes> lost = ask(relay, LONG);
      Until.holds(NOTICED, lost::isDone);
      assertThatThrownBy(lost::get).hasMessageContaining("UNAVAILABLE");

      relay.drop(false);
      Until.holds(NOTICED, () -> answers(relay));
    }
  }

  @Test
  void isNotWhoIsOnlySlowToAnswer() throws Exception {
    CompletableFuture<Bytes> later = new CompletableFuture<>();
    try (var _ = serve(_ -> later);
        DroppingRelay relay = new DroppingRelay(address)) {
      Until.holds(LONG, () -> channels.to(relay.address()).connected());
      CompletableFuture<Bytes> slow = ask(relay, LONG);
      long began = System.nanoTime();
      Until.holds(LONG, () -> System.nanoTime() - began > NOTICED.toNanos() || slow.isDone());
      assertThat(slow).isNotDone();

      later.complete(Bytes.utf8("now"));
      assertThat(slow.get(10, TimeUnit.SECONDS)).isEqualTo(Bytes.utf8("now"));
    }
  }

  @Test
  void holdsNoCallUpBeyondItsLimit() throws Exception {
    try (var _ = serve(CompletableFuture::completedFuture);
        DroppingRelay relay = new DroppingRelay(address)) {
      Until.holds(LONG, () -> answers(relay));
      relay.drop(true);
      for (int i = 0; i < 5; i++) {
        CompletableFuture<Bytes> lost = ask(relay, Duration.ofMillis(300));
        Until.holds(Duration.ofSeconds(2), lost::isDone);
        assertThat(lost).isCompletedExceptionally();
      }
    }
  }
}
