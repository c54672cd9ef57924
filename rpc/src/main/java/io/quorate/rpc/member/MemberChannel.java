package io.quorate.rpc.member;

import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.quorate.proto.member.v1.MemberGrpc;
import io.quorate.proto.member.v1.PingRequest;
import io.quorate.proto.member.v1.PingResponse;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to one member. While calls wait in silence the member is asked whether it is there; if it
 * does not say so in time the connection is given up with all calls on it, and a new one is made. A
 * connection of which the other end vanished would otherwise be used until TCP gives up, and after
 * the network is whole again until TCP sends the next time, either of which takes minutes.
 */
final class MemberChannel {

  private final Supplier<ManagedChannel> opener;
  private final EventLoopGroup eventLoops;
  private final MemberTimings timings;
  private final MonotonicClock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private ManagedChannel channel;

  /** What is tried again and again, there being no connection. */
  private @Nullable ManagedChannel triedAgain;

  /** When the first of the calls began that were made since it last answered one. */
  private Optional<BootTime> quietSince = Optional.empty();

  private int waiting;
  private boolean watching;
  private boolean closed;

  MemberChannel(
      Supplier<ManagedChannel> opener,
      EventLoopGroup eventLoops,
      MemberTimings timings,
      MonotonicClock clock) {
    this.opener = opener;
    this.eventLoops = eventLoops;
    this.timings = timings;
    this.clock = clock;
    this.channel = opener.get();
    reconnectSoon(channel, channel.getState(true));
  }

  /**
   * Makes a call that ends, one way or the other, within {@code limit}. It is no part of the
   * request that this thread serves: a round for many clients would end with the request of one,
   * and what is called because of its answer would fail at once.
   */
  <T> CompletableFuture<T> call(
      Duration limit, BiConsumer<MemberGrpc.MemberStub, StreamObserver<T>> method) {
    ManagedChannel now = begin();
    Calls<T> call = new Calls<>();
    CompletableFuture<T> answer =
        call.stage()
            .whenComplete((_, failure) -> {
              end(failure == null);
            });
    Context.ROOT.run(() -> method.accept(stub(now, limit), call));
    return answer;
  }

  private static MemberGrpc.MemberStub stub(ManagedChannel channel, Duration limit) {
    return MemberGrpc.newStub(channel).withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Whether a connection stands, as far as known. */
  boolean connected() {
    return current().getState(true) == ConnectivityState.READY;
  }

  private ManagedChannel current() {
    lock.lock();
    try {
      return channel;
    } finally {
      lock.unlock();
    }
  }

  private ManagedChannel begin() {
    boolean watch;
    ManagedChannel now;
    lock.lock();
    try {
      if (quietSince.isEmpty()) {
        quietSince = Optional.of(clock.now());
      }
      waiting++;
      watch = !watching;
      watching = true;
      now = channel;
    } finally {
      lock.unlock();
    }
    if (watch) {
      watchLater();
    }
    return now;
  }

  private void end(boolean answered) {
    lock.lock();
    try {
      waiting--;
      if (answered) {
        heard();
      }
    } finally {
      lock.unlock();
    }
  }

  private void heard() {
    quietSince = waiting > 0 ? Optional.of(clock.now()) : Optional.empty();
  }

  private void watchLater() {
    if (!eventLoops.isShuttingDown()) {
      var _ =
          eventLoops
              .next()
              .schedule(this::watch, timings.pingAfter().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Asks after a member that keeps calls waiting and says nothing. */
  private void watch() {
    ManagedChannel now;
    BootTime asked = clock.now();
    boolean quiet;
    lock.lock();
    try {
      if (waiting == 0 || closed) {
        watching = false;
        return;
      }
      now = channel;
      quiet =
          quietSince
              .filter(since -> since.until(asked).compareTo(timings.pingAfter()) >= 0)
              .isPresent();
    } finally {
      lock.unlock();
    }
    if (!quiet) {
      watchLater();
      return;
    }
    Calls<PingResponse> ping = new Calls<>();
    var _ =
        ping.stage()
            .handle((_, failure) -> {
              pinged(now, asked, Optional.ofNullable(failure));
              return ping;
            });
    stub(now, timings.pingTimeout()).ping(PingRequest.getDefaultInstance(), ping);
  }

  private void pinged(ManagedChannel pinged, BootTime at, Optional<Throwable> failure) {
    boolean vanished;
    lock.lock();
    try {
      if (failure.isEmpty()) {
        heard();
      }
      // What is broken is mended by itself; and another call may have been answered meanwhile.
      vanished =
          failure.map(Status::fromThrowable).filter(MemberChannel::inSilence).isPresent()
              && quietSince.filter(since -> since.isBefore(at)).isPresent()
              && !closed
              && pinged.equals(channel);
      if (vanished) {
        channel = opener.get();
      }
    } finally {
      lock.unlock();
    }
    if (vanished) {
      pinged.shutdownNow();
      ManagedChannel fresh = current();
      reconnectSoon(fresh, fresh.getState(true));
    }
    watchLater();
  }

  private static boolean inSilence(Status status) {
    return status.getCode() == Status.Code.DEADLINE_EXCEEDED;
  }

  private void reconnectSoon(ManagedChannel watched, ConnectivityState seen) {
    watched.notifyWhenStateChanged(
        seen,
        () -> {
          ConnectivityState now = watched.getState(true);
          switch (now) {
            case TRANSIENT_FAILURE -> {
              if (begins(watched)) {
                tryAgainLater(watched);
              }
              reconnectSoon(watched, now);
            }
            case CONNECTING, READY, IDLE -> reconnectSoon(watched, now);
            case SHUTDOWN -> {}
          }
        });
  }

  /** Whether nobody tries that one again yet. */
  private boolean begins(ManagedChannel watched) {
    lock.lock();
    try {
      boolean first = !watched.equals(triedAgain);
      triedAgain = watched;
      return first;
    } finally {
      lock.unlock();
    }
  }

  private void ends(ManagedChannel watched) {
    lock.lock();
    try {
      if (watched.equals(triedAgain)) {
        triedAgain = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** A channel stays in that state over all its attempts until one succeeds: none is announced. */
  private void tryAgainLater(ManagedChannel watched) {
    if (!eventLoops.isShuttingDown()) {
      var _ =
          eventLoops
              .next()
              .schedule(
                  () -> tryAgain(watched), timings.reconnect().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void tryAgain(ManagedChannel watched) {
    if (watched.getState(true) == ConnectivityState.TRANSIENT_FAILURE) {
      watched.resetConnectBackoff();
      tryAgainLater(watched);
      return;
    }
    ends(watched);
    // What was announced meanwhile was left to this one.
    if (watched.getState(false) == ConnectivityState.TRANSIENT_FAILURE && begins(watched)) {
      tryAgainLater(watched);
    }
  }

  /** Ends all calls and begins to end the connection; returns what ends. */
  ManagedChannel shutdown() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    return current().shutdownNow();
  }
}
