package io.quorate.rpc.member;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * One channel for each address. A peer that was killed is noticed within a second, and one that is
 * back is reached within a moment: gRPC's own backoff would wait for minutes.
 */
public final class MemberChannels implements AutoCloseable {

  private static final int CONNECT_TIMEOUT_MS = 500;
  private static final int RECONNECT_MS = 200;
  private static final long KEEPALIVE_SECONDS = 10;
  private static final long KEEPALIVE_TIMEOUT_SECONDS = 2;

  private final EventLoopGroup eventLoops;
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

  /** Channels on these event loops, which the caller ends. */
  public MemberChannels(EventLoopGroup eventLoops) {
    this.eventLoops = eventLoops;
  }

  /** The channel to {@code address}; a call on a broken one fails at once. */
  ManagedChannel to(String address) {
    return channels.computeIfAbsent(address, this::openAndWatch);
  }

  private ManagedChannel openAndWatch(String address) {
    ManagedChannel channel = open(address);
    reconnectSoon(channel, channel.getState(true));
    return channel;
  }

  private void reconnectSoon(ManagedChannel channel, ConnectivityState seen) {
    channel.notifyWhenStateChanged(
        seen,
        () -> {
          ConnectivityState now = channel.getState(true);
          switch (now) {
            case TRANSIENT_FAILURE -> {
              var _ =
                  eventLoops
                      .next()
                      .schedule(channel::resetConnectBackoff, RECONNECT_MS, TimeUnit.MILLISECONDS);
              reconnectSoon(channel, now);
            }
            case CONNECTING, READY, IDLE -> reconnectSoon(channel, now);
            case SHUTDOWN -> {}
          }
        });
  }

  private ManagedChannel open(String address) {
    return NettyChannelBuilder.forTarget("dns:///" + address)
        .channelType(NioSocketChannel.class)
        .eventLoopGroup(eventLoops)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
        .directExecutor()
        .usePlaintext()
        .disableRetry()
        .maxInboundMessageSize(MemberServer.MESSAGE_MAX)
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .build();
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
