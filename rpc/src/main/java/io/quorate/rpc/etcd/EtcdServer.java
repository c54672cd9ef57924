package io.quorate.rpc.etcd;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.quorate.rpc.tls.SecuredPort;
import io.quorate.store.ClientStore;
import io.quorate.time.TaskScheduler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The port for etcd's clients: gRPC, and JSON over HTTP/1.1. */
public final class EtcdServer implements AutoCloseable {

  private static final long CLOSE_MS = 500;

  /** etcd's least time between a client's pings. */
  private static final long KEEPALIVE_MIN_SECONDS = 5;

  /** A connection on which nothing is asked for so long is closed. */
  private static final int IDLE_SECONDS = 120;

  private final Server server;
  private final RequestThreads threads;

  private EtcdServer(Server server, RequestThreads threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Starts to listen at {@code address}.
   *
   * @param guarded completes once the keys that clients must not write are guarded; until then
   *     nothing that changes the store is taken
   * @param random for lease ids that the client leaves to the server
   * @param tls what connections are secured with; empty: plain text
   * @param loops where bytes are read and written; requests are served in threads of their own
   * @throws IOException if the address cannot be had
   */
  public static EtcdServer start(
      InetSocketAddress address,
      EtcdSettings settings,
      ClientStore store,
      CompletionStage<?> guarded,
      TaskScheduler scheduler,
      RandomGenerator random,
      Optional<SecuredPort> tls,
      EventLoopGroup loops)
      throws IOException {
    RequestThreads threads = new RequestThreads();
    EtcdNode node = new EtcdNode(store, new MemberIds(settings.name()), threads);
    List<ServerServiceDefinition> services =
        services(node, settings, new WriteGate(guarded), scheduler, random);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                address,
                InternalNettyServerCredentials.create(
                    new SharedPort(
                        json(node, settings, services), settings.limits().connections(), tls)))
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .channelType(NioServerSocketChannel.class)
            .directExecutor()
            .callExecutor(new CallThreads(threads))
            .maxInboundMessageSize(settings.limits().messageBytes())
            .permitKeepAliveTime(KEEPALIVE_MIN_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .fallbackHandlerRegistry(new NotServed());
    services.forEach(builder::addService);
    Server server = builder.build();
    try {
      server.start();
    } catch (IOException e) {
      threads.close();
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException("cannot listen on " + address + ": " + cause.getMessage(), e);
    }
    return new EtcdServer(server, threads);
  }

  /** Prepares a connection for HTTP/1.1. */
  private static Consumer<ChannelPipeline> json(
      EtcdNode node, EtcdSettings settings, List<ServerServiceDefinition> services) {
    JsonRoutes routes = new JsonRoutes(services);
    JsonPages pages = new JsonPages(node.store());
    // Base64 makes four characters of three bytes.
    int bodyBytes = settings.limits().messageBytes() / 3 * 4;
    return pipeline ->
        pipeline
            .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS, TimeUnit.SECONDS))
            .addLast(new HttpServerCodec())
            .addLast(new HttpObjectAggregator(bodyBytes))
            .addLast(new JsonConnection(routes, pages::at, node.executor()));
  }

  private static List<ServerServiceDefinition> services(
      EtcdNode node,
      EtcdSettings settings,
      WriteGate gate,
      TaskScheduler scheduler,
      RandomGenerator random) {
    LeaderRequired leaderRequired =
        new LeaderRequired(node, scheduler, settings.limits().leaderless());
    List<BindableService> services =
        List.of(
            new KvService(node, gate),
            new LeaseService(node, gate, settings.limits(), random),
            new WatchService(node, settings.limits(), scheduler),
            new ClusterService(node, settings),
            new MaintenanceService(node),
            new AuthService(node));
    return services.stream()
        .map(service -> ServerInterceptors.intercept(service.bindService(), leaderRequired))
        .toList();
  }

  /** The port listened on. */
  public int port() {
    return server.getPort();
  }

  /** Ends all streams and stops to listen. */
  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    threads.close();
  }
}
