package io.quorate.rpc.grpc;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.quorate.rpc.Agent;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.tls.ServerSide;
import io.quorate.store.Membership;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The gRPC port for people and programs: admin, health, reflection (v1 and its alpha). */
public final class AdminServer implements AutoCloseable {

  /** Far above any request of these services. */
  private static final int MESSAGE_MAX = 64 * 1024;

  private static final long CLOSE_MS = 500;

  /** A client that pings more often is cut off. */
  private static final long KEEPALIVE_MIN_SECONDS = 1;

  private final Server server;
  private final AdminService.Streams streams;
  private final ExecutorService executor;

  private AdminServer(Server server, AdminService.Streams streams, ExecutorService executor) {
    this.server = server;
    this.streams = streams;
    this.executor = executor;
  }

  /**
   * Starts to listen at {@code address}, in plain text.
   *
   * @param guard who judges, now, the calls that change something
   * @throws IOException if the address cannot be had
   */
  public static AdminServer start(
      InetSocketAddress address,
      Agent agent,
      Supplier<AccessGuard> guard,
      MonotonicClock clock,
      TaskScheduler scheduler,
      EventLoopGroup loops)
      throws IOException {
    return start(
        address,
        agent,
        Optional.empty(),
        guard,
        clock,
        scheduler,
        new ServerSide(InsecureServerCredentials.create()),
        loops);
  }

  /**
   * The same, serving changes of the store's membership as well, over TLS if {@code tls} say so.
   *
   * @throws IOException if the address cannot be had
   */
  public static AdminServer start(
      InetSocketAddress address,
      Agent agent,
      Optional<Membership> membership,
      Supplier<AccessGuard> guard,
      MonotonicClock clock,
      TaskScheduler scheduler,
      ServerSide tls,
      EventLoopGroup loops)
      throws IOException {
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    AdminService.Streams streams =
        new AdminService.Streams(
            new StatusFeed(agent, executor),
            new OperationFeed(agent, executor),
            new JournalCalls(agent.journal(), executor));
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address, tls.credentials())
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .channelType(NioServerSocketChannel.class)
            .executor(executor)
            .maxInboundMessageSize(MESSAGE_MAX)
            .permitKeepAliveTime(KEEPALIVE_MIN_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .addService(
                ServerInterceptors.intercept(
                    new AdminService(agent, clock, streams), new AccessInterceptor(guard)))
            .addService(new PrimaryHealth(agent, clock, scheduler, executor))
            .addService(ProtoReflectionServiceV1.newInstance())
            .addService(alphaReflection());
    membership.ifPresent(store ->
        builder.addService(
            ServerInterceptors.intercept(
                new MembershipService(store), new AccessInterceptor(guard))));
    Server server = builder.build();
    try {
      server.start();
    } catch (IOException e) {
      executor.close();
      throw new IOException("cannot listen on " + address + ": " + Causes.root(e), e);
    }
    return new AdminServer(server, streams, executor);
  }

  /** The alpha name of reflection, which tools still ask for first. */
  @SuppressWarnings("deprecation")
  private static io.grpc.BindableService alphaReflection() {
    return ProtoReflectionService.newInstance();
  }

  /** The port listened on. */
  public int port() {
    return server.getPort();
  }

  /** Ends all streams and stops to listen. */
  @Override
  public void close() {
    streams.close();
    server.shutdown();
    Servers.await(server, CLOSE_MS);
    executor.close();
  }
}
