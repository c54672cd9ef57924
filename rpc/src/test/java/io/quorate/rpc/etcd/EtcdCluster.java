package io.quorate.rpc.etcd;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.rpc.member.GrpcVoterLink;
import io.quorate.rpc.member.MemberChannels;
import io.quorate.rpc.member.MemberServer;
import io.quorate.rpc.member.MemberTimings;
import io.quorate.store.Bytes;
import io.quorate.store.Membership;
import io.quorate.store.Outcome;
import io.quorate.store.StoreStatus;
import io.quorate.store.link.VoterEndpoint;
import io.quorate.store.raft.HostPort;
import io.quorate.store.raft.RaftStore;
import io.quorate.store.raft.RaftStoreConfig;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Members with stores of their own and etcd's API before them, in this process, on real ports. */
final class EtcdCluster implements AutoCloseable {

  /** What clients must not write. */
  static final String GUARDED = "/service/demo/";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final SystemTime time = SystemTime.start();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final List<RaftStore> stores = new ArrayList<>();
  private final List<EtcdServer> servers = new ArrayList<>();
  private final Set<RaftStore> stopped = new HashSet<>();

  private final Path dir;
  private final EtcdSettings.Limits limits;
  private final MemberChannels channels;
  private final List<RaftStoreConfig.Member> members = new ArrayList<>();
  private final List<EtcdSettings.Member> described = new ArrayList<>();

  private EtcdCluster(Path dir, int size, EtcdSettings.Limits limits) throws IOException {
    this.dir = dir;
    this.limits = limits;
    List<Integer> clientPorts = new ArrayList<>();
    for (int i = 1; i <= size; i++) {
      RaftStoreConfig.Member member =
          new RaftStoreConfig.Member("db" + i, local(freePort()), local(freePort()));
      members.add(member);
      int clientPort = freePort();
      clientPorts.add(clientPort);
      described.add(
          new EtcdSettings.Member(
              member.name(), member.address().toString(), Optional.of("127.0.0.1:" + clientPort)));
    }
    this.channels =
        new MemberChannels(
            loops,
            MemberTimings.of(
                RaftStoreConfig.Timing.LAN.electionMin(), RaftStoreConfig.Timing.LAN.electionMax()),
            time);
    parts.push(channels);
    for (int i = 0; i < size; i++) {
      String name = members.get(i).name();
      open(name, clientPorts.get(i));
    }
    await(() ->
        stores.stream()
            .map(RaftStore::status)
            .allMatch(status ->
                status.voters().size() == size
                    && status.leader().isPresent()
                    && status.problem().isEmpty()));
  }

  private RaftStore open(String name, int clientPort) throws IOException {
    RaftStoreConfig config = RaftStoreConfig.of(name, dir.resolve(name).resolve("raft"), members);
    Files.createDirectories(dir.resolve(name));
    Late late = new Late();
    parts.push(MemberServer.start(name, socket(config.self().memberAddress().port()), late, loops));
    RaftStore store = RaftStore.open(config, new GrpcVoterLink(channels), time, time);
    late.endpoint = store.endpoint();
    parts.push(() -> {
      if (stopped.add(store)) {
        store.close();
      }
    });
    EtcdServer server =
        EtcdServer.start(
            socket(clientPort),
            new EtcdSettings(name, described, limits),
            store,
            guarded(store),
            time,
            new Random(stores.size()),
            Optional.empty(),
            loops);
    stores.add(store);
    parts.push(server);
    servers.add(server);
    return store;
  }

  /** Takes in one more member that does not vote; it is the last of all from then on. */
  void addListener(String name) throws IOException {
    RaftStoreConfig.Member member =
        new RaftStoreConfig.Member(name, local(freePort()), local(freePort()));
    members.add(member);
    open(name, freePort());
    Membership.Change add =
        new Membership.Change.Add(
            name, member.address().toString(), member.memberAddress().toString(), true);
    RaftStore leader = stores.get(leader());
    await(() ->
        leader.change(add).toCompletableFuture().join()
                instanceof Outcome.Done<Membership.Progress>(Membership.Progress progress)
            && progress.phase() == Membership.Phase.DONE);
  }

  static EtcdCluster start(Path dir, int size) throws IOException {
    return start(dir, size, EtcdSettings.Limits.DEFAULT);
  }

  static EtcdCluster start(Path dir, int size, EtcdSettings.Limits limits) throws IOException {
    return new EtcdCluster(dir, size, limits);
  }

  /** As an engine does at its start. */
  private CompletionStage<?> guarded(RaftStore store) {
    CompletableFuture<Object> done = new CompletableFuture<>();
    guard(store, done);
    return done;
  }

  private void guard(RaftStore store, CompletableFuture<Object> done) {
    var _ =
        store
            .guardPrefix(Bytes.utf8(GUARDED))
            .thenAccept(outcome -> {
              if (outcome instanceof Outcome.Done<?> guarded) {
                done.complete(guarded);
              } else {
                time.schedule(
                    Duration.ofMillis(100),
                    () -> Thread.ofVirtual().start(() -> guard(store, done)));
              }
            });
  }

  /** Ends a member's store; its API goes on without. */
  void stop(int index) {
    if (stopped.add(stores.get(index))) {
      stores.get(index).close();
    }
  }

  RaftStore store(int index) {
    return stores.get(index);
  }

  List<RaftStore> stores() {
    return stores;
  }

  int port(int index) {
    return servers.get(index).port();
  }

  /** What etcd's clients call the addresses of all members, separated by commas. */
  String endpoints() {
    return String.join(",", servers.stream().map(server -> "127.0.0.1:" + server.port()).toList());
  }

  int leader() {
    await(() -> stores.stream().map(RaftStore::status).anyMatch(StoreStatus::leading));
    for (int i = 0; i < stores.size(); i++) {
      if (stores.get(i).status().leading()) {
        return i;
      }
    }
    throw new IllegalStateException("the leader went away");
  }

  int follower() {
    return (leader() + 1) % stores.size();
  }

  /** Waits for {@code condition}; fails after half a minute. */
  static void await(BooleanSupplier condition) {
    var deadline = java.time.Instant.now().plus(PATIENCE);
    while (!condition.getAsBoolean()) {
      if (java.time.Instant.now().isAfter(deadline)) {
        throw new AssertionError("it did not come to pass within " + PATIENCE);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static HostPort local(int port) {
    return new HostPort("127.0.0.1", port);
  }

  private static InetSocketAddress socket(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    time.close();
  }

  /** Members call each other before their stores are open. */
  private static final class Late implements VoterEndpoint {
    volatile @Nullable VoterEndpoint endpoint;

    @Override
    public CompletionStage<Bytes> answer(Bytes request) {
      VoterEndpoint open = endpoint;
      return open == null
          ? CompletableFuture.failedStage(new IllegalStateException("starting"))
          : open.answer(request);
    }
  }
}
