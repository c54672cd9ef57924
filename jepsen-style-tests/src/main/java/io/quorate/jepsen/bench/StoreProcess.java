package io.quorate.jepsen.bench;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.rpc.etcd.EtcdServer;
import io.quorate.rpc.etcd.EtcdSettings;
import io.quorate.rpc.member.GrpcVoterLink;
import io.quorate.rpc.member.MemberChannels;
import io.quorate.rpc.member.MemberServer;
import io.quorate.rpc.member.MemberTimings;
import io.quorate.store.Bytes;
import io.quorate.store.link.VoterEndpoint;
import io.quorate.store.raft.HostPort;
import io.quorate.store.raft.RaftStore;
import io.quorate.store.raft.RaftStoreConfig;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One member of a store with its etcd API and its member service, put together as an agent does,
 * but without the part that drives PostgreSQL: what etcd is compared with. Runs until it is killed.
 */
public final class StoreProcess {

  private static final int EVENT_LOOPS = 2;

  private StoreProcess() {}

  /**
   * Arguments: own name, directory, least and longest election timeout in milliseconds; then name,
   * Raft port, member port and etcd port of each member, all on the loopback interface.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<RaftStoreConfig.Member> members = new ArrayList<>();
    List<EtcdSettings.Member> served = new ArrayList<>();
    int ownEtcdPort = 0;
    for (int i = 4; i < arguments.length; i += 4) {
      HostPort raft = new HostPort("127.0.0.1", Integer.parseInt(arguments[i + 1]));
      HostPort member = new HostPort("127.0.0.1", Integer.parseInt(arguments[i + 2]));
      members.add(new RaftStoreConfig.Member(arguments[i], raft, member));
      served.add(
          new EtcdSettings.Member(
              arguments[i], raft.toString(), Optional.of("127.0.0.1:" + arguments[i + 3])));
      if (arguments[i].equals(arguments[0])) {
        ownEtcdPort = Integer.parseInt(arguments[i + 3]);
      }
    }
    Duration electionMin = Duration.ofMillis(Integer.parseInt(arguments[2]));
    Duration electionMax = Duration.ofMillis(Integer.parseInt(arguments[3]));
    RaftStoreConfig config =
        RaftStoreConfig.of(arguments[0], Path.of(arguments[1], "raft"), members)
            .withTiming(RaftStoreConfig.Timing.LAN.withElection(electionMin, electionMax));
    run(config, MemberTimings.of(electionMin, electionMax), served, ownEtcdPort);
    Thread.currentThread().join();
  }

  private static void run(
      RaftStoreConfig config,
      MemberTimings timings,
      List<EtcdSettings.Member> served,
      int ownEtcdPort)
      throws IOException {
    SystemTime time = SystemTime.start();
    MultiThreadIoEventLoopGroup memberLoops = loops("member-");
    AtomicReference<Optional<RaftStore>> opened = new AtomicReference<>(Optional.empty());
    HostPort own = config.self().memberAddress();
    MemberServer.start(
        config.name(), new InetSocketAddress(own.host(), own.port()), late(opened), memberLoops);
    MemberChannels channels = new MemberChannels(memberLoops, timings, time);
    RaftStore store = RaftStore.open(config, new GrpcVoterLink(channels), time, time);
    opened.set(Optional.of(store));
    EtcdServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), ownEtcdPort),
        new EtcdSettings(config.name(), served, EtcdSettings.Limits.DEFAULT),
        store,
        CompletableFuture.completedStage(Boolean.TRUE),
        time,
        new SecureRandom(),
        Optional.empty(),
        loops("etcd-"));
  }

  private static MultiThreadIoEventLoopGroup loops(String name) {
    return new MultiThreadIoEventLoopGroup(
        EVENT_LOOPS,
        Thread.ofPlatform().daemon().name(name, 1).factory(),
        NioIoHandler.newFactory());
  }

  private static VoterEndpoint late(AtomicReference<Optional<RaftStore>> opened) {
    return request ->
        opened.get().map(store -> store.endpoint().answer(request)).orElseGet(StoreProcess::notYet);
  }

  private static CompletionStage<Bytes> notYet() {
    return CompletableFuture.failedFuture(new IllegalStateException("the store is not up yet"));
  }
}
