package io.quorate.rpc.member;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.quorate.proto.member.v1.MemberGrpc;
import io.quorate.rpc.tls.ClientSide;
import io.quorate.time.MonotonicClock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/**
 * The way to each member. One that was killed, or that vanished without a word, is noticed within
 * an election timeout, and one that is back is reached within a moment: gRPC's own keepalive looks
 * every 10 s at best, and its backoff would wait for minutes.
 */
public final class MemberChannels implements AutoCloseable {

  private final EventLoopGroup eventLoops;
  private final MemberTimings timings;
  private final MonotonicClock clock;
  private final ChannelCredentials credentials;
  private final Map<String, MemberChannel> channels = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;

  /** Channels on these event loops, which the caller ends, in plain text. */
  public MemberChannels(EventLoopGroup eventLoops, MemberTimings timings, MonotonicClock clock) {
    this(eventLoops, timings, clock, new ClientSide(InsecureChannelCredentials.create()));
  }

  /** The same with {@code tls}: whom to trust, and as whom to be trusted. */
  public MemberChannels(
      EventLoopGroup eventLoops, MemberTimings timings, MonotonicClock clock, ClientSide tls) {
    this.credentials = tls.credentials();
    this.eventLoops = eventLoops;
    this.timings = timings;
    this.clock = clock;
  }

  /** The way to {@code address}; a call on a broken one fails at once. */
  MemberChannel to(String address) {
    return channels.computeIfAbsent(
        address, key -> new MemberChannel(() -> open(key), eventLoops, timings, clock));
  }

  /**
   * Makes a call that ends within {@code limit}. After {@link #close} it fails at once, with
   * UNAVAILABLE: the store may still be asking around while the agent ends, and a connection opened
   * on event loops that are gone fails with nothing but gRPC's panic in the log.
   */
  <T> CompletableFuture<T> call(
      String address, Duration limit, BiConsumer<MemberGrpc.MemberStub, StreamObserver<T>> method) {
    MemberChannel channel;
    lock.lock();
    try {
      if (closed) {
        return CompletableFuture.failedFuture(
            Status.UNAVAILABLE.withDescription("this agent ends").asRuntimeException());
      }
      channel = to(address);
    } finally {
      lock.unlock();
    }
    return channel.call(limit, method);
  }

  MemberTimings timings() {
    return timings;
  }

  private ManagedChannel open(String address) {
    return NettyChannelBuilder.forTarget("dns:///" + address, credentials)
        .channelType(NioSocketChannel.class)
        .eventLoopGroup(eventLoops)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timings.connect().toMillis())
        .directExecutor()
        .disableRetry()
        .maxInboundMessageSize(MemberServer.MESSAGE_MAX)
        .build();
  }

  /** Returns when every connection has ended: nothing of them needs the event loops any more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    EndedChannels.await(channels.values().stream().map(MemberChannel::shutdown).toList());
  }
}
