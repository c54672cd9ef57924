package io.quorate.rpc.member;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.quorate.time.MonotonicClock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The way to each member. One that was killed, or that vanished without a word, is noticed within
 * an election timeout, and one that is back is reached within a moment: gRPC's own keepalive looks
 * every 10 s at best, and its backoff would wait for minutes.
 */
public final class MemberChannels implements AutoCloseable {

  private final EventLoopGroup eventLoops;
  private final MemberTimings timings;
  private final MonotonicClock clock;
  private final Map<String, MemberChannel> channels = new ConcurrentHashMap<>();

  /** Channels on these event loops, which the caller ends. */
  public MemberChannels(EventLoopGroup eventLoops, MemberTimings timings, MonotonicClock clock) {
    this.eventLoops = eventLoops;
    this.timings = timings;
    this.clock = clock;
  }

  /** The way to {@code address}; a call on a broken one fails at once. */
  MemberChannel to(String address) {
    return channels.computeIfAbsent(
        address, key -> new MemberChannel(() -> open(key), eventLoops, timings, clock));
  }

  MemberTimings timings() {
    return timings;
  }

  private ManagedChannel open(String address) {
    return NettyChannelBuilder.forTarget("dns:///" + address)
        .channelType(NioSocketChannel.class)
        .eventLoopGroup(eventLoops)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timings.connect().toMillis())
        .directExecutor()
        .usePlaintext()
        .disableRetry()
        .maxInboundMessageSize(MemberServer.MESSAGE_MAX)
        .build();
  }

  @Override
  public void close() {
    channels.values().forEach(MemberChannel::close);
  }
}
