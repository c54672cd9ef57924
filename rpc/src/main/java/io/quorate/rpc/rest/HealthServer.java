package io.quorate.rpc.rest;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.quorate.rpc.Agent;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.time.MonotonicClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Listens for REST requests, in HTTP/1.0 as Patroni's server speaks it: one request for each
 * connection, the answer ends with it.
 */
public final class HealthServer implements AutoCloseable {

  /** Connections beyond this are closed at once. */
  static final int CONNECTIONS_MAX = 512;

  private static final int BACKLOG = 256;

  /** A client that sends nothing for so long is closed. */
  private static final int IDLE_SECONDS = 10;

  private final Channel listener;
  private final ChannelGroup connections;

  private HealthServer(Channel listener, ChannelGroup connections) {
    this.listener = listener;
    this.connections = connections;
  }

  /**
   * Starts to listen at {@code address}, in plain text.
   *
   * @param guard who judges, now, the requests that change something
   * @param loops where requests are answered; no answer blocks
   * @throws IOException if the address cannot be had
   */
  public static HealthServer start(
      InetSocketAddress address,
      Agent agent,
      Supplier<AccessGuard> guard,
      MonotonicClock clock,
      EventLoopGroup loops)
      throws IOException {
    return start(address, agent, guard, clock, Optional.empty(), loops);
  }

  /**
   * The same, over TLS where {@code tls} is given.
   *
   * @throws IOException if the address cannot be had
   */
  public static HealthServer start(
      InetSocketAddress address,
      Agent agent,
      Supplier<AccessGuard> guard,
      MonotonicClock clock,
      Optional<RestTls> tls,
      EventLoopGroup loops)
      throws IOException {
    RestActions actions = new RestActions(agent, guard);
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    if (connections.size() >= CONNECTIONS_MAX) {
                      var _ = channel.close();
                      return;
                    }
                    connections.add(channel);
                    tls.ifPresent(
                        secured -> channel.pipeline().addLast(secured.port().handler(channel)));
                    channel
                        .pipeline()
                        .addLast(new ReadTimeoutHandler(IDLE_SECONDS, TimeUnit.SECONDS))
                        .addLast(new HttpRequestDecoder())
                        .addLast(new HttpResponseEncoder())
                        .addLast(
                            new RequestHandler(
                                agent,
                                actions,
                                clock,
                                tls.filter(RestTls::changesNeedCertificate).isPresent()));
                  }
                });
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
    }
    return new HealthServer(bound.channel(), connections);
  }

  /** The port listened on. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Stops to listen and closes what is open. */
  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
  }
}
