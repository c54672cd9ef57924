package io.quorate.node;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.HaEngine;
import io.quorate.node.config.HostPort;
import io.quorate.node.config.NodeConfig;
import io.quorate.rpc.etcd.EtcdServer;
import io.quorate.rpc.etcd.EtcdSettings;
import io.quorate.rpc.tls.SecuredPort;
import io.quorate.store.ClientStore;
import io.quorate.time.TaskScheduler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The port for etcd's clients, with event loops of its own: what clients send must not hold up what
 * members say to each other.
 */
final class EtcdApi implements AutoCloseable {

  private static final int EVENT_LOOPS = 2;

  private final EventLoopGroup loops;
  private final EtcdServer server;

  private EtcdApi(EventLoopGroup loops, EtcdServer server) {
    this.loops = loops;
    this.server = server;
  }

  static EtcdApi start(
      InetSocketAddress address,
      NodeConfig config,
      ClientStore store,
      HaEngine engine,
      TaskScheduler scheduler,
      RandomGenerator random,
      Optional<SecuredPort> tls)
      throws IOException {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EVENT_LOOPS, NioIoHandler.newFactory());
    try {
      return new EtcdApi(
          loops,
          EtcdServer.start(
              address,
              settings(config),
              store,
              engine.keysGuarded(),
              scheduler,
              random,
              tls,
              loops));
    } catch (IOException | RuntimeException e) {
      shutdown(loops);
      throw e;
    }
  }

  private static EtcdSettings settings(NodeConfig config) {
    List<EtcdSettings.Member> members =
        config.raft().members().stream()
            .map(member ->
                new EtcdSettings.Member(
                    member.name().value(),
                    member.address().toString(),
                    member.etcdAddress().map(HostPort::toString)))
            .toList();
    return new EtcdSettings(
        config.name().value(),
        members,
        EtcdSettings.Limits.DEFAULT,
        config.tls().raft(),
        config.tls().etcdApi());
  }

  private static void shutdown(EventLoopGroup loops) {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Override
  public void close() {
    server.close();
    shutdown(loops);
  }
}
