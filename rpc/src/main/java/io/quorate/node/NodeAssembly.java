package io.quorate.node;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.HaEngine;
import io.quorate.ha.admin.DynamicConfig;
import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.SettingsCodec;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.guardian.GuardianProcess;
import io.quorate.ha.journal.JournalReader;
import io.quorate.ha.journal.LogJournal;
import io.quorate.ha.journal.StoreJournal;
import io.quorate.ha.loop.HaConfig;
import io.quorate.ha.loop.HaPorts;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.node.NodeFiles;
import io.quorate.ha.port.Guardian;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.postgres.LocalPostgres;
import io.quorate.ha.postgres.PostgresConfig;
import io.quorate.ha.postgres.ProcessLauncher;
import io.quorate.ha.witness.NoGuardian;
import io.quorate.ha.witness.NoPostgres;
import io.quorate.node.config.DynamicCheck;
import io.quorate.node.config.HostPort;
import io.quorate.node.config.NodeConfig;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.grpc.AdminServer;
import io.quorate.rpc.member.GrpcPeers;
import io.quorate.rpc.member.GrpcVoterLink;
import io.quorate.rpc.member.MemberChannels;
import io.quorate.rpc.member.MemberServer;
import io.quorate.rpc.member.MemberTimings;
import io.quorate.rpc.rest.HealthServer;
import io.quorate.rpc.tls.MemberIdentity;
import io.quorate.store.raft.RaftStore;
import io.quorate.store.raft.RaftStoreConfig;
import io.quorate.store.raft.StoreRefusedException;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds one member from its configuration, in the order of dependence, and ends it in reverse. The
 * only place where everything is known, and nothing is decided.
 */
public final class NodeAssembly implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NodeAssembly.class);
  private static final int EVENT_LOOPS = 2;

  private final Deque<AutoCloseable> parts;
  private final Optional<LocalPostgres> postgres;
  private final Optional<SettingsChanges> settingsChanges;
  private final HaEngine engine;
  private final Certificates certificates;
  private final AtomicReference<AccessGuard> access =
      new AtomicReference<>(AccessGuard.LOOPBACK_ONLY);

  private NodeAssembly(NodeConfig config, String version, Deque<AutoCloseable> parts)
      throws IOException {
    this.parts = parts;
    Optional<Path> dataDir = config.postgres().map(PostgresConfig::dataDir);
    var _ = own(DirectoryLocks.take(config.stateDir(), dataDir));
    SecureRandom random = new SecureRandom();
    SystemTime time = own(SystemTime.start());
    this.certificates = Certificates.of(config, time.wall(), time);
    // The deadline of the lease waits for no other task of the process.
    SystemTime haTime = own(SystemTime.start());
    // What members say to each other decides over leases: it waits for nobody's status page.
    EventLoopGroup memberLoops = eventLoops("member");
    EventLoopGroup eventLoops = eventLoops("serve");
    HaTimings timings = config.settings().timings();
    MemberChannels channels =
        own(
            new MemberChannels(
                memberLoops,
                MemberTimings.of(timings.electionMin(), timings.electionMax()),
                time,
                certificates.memberClient()));
    LateEndpoint endpoint = new LateEndpoint();
    own(
        MemberServer.start(
            config.name().value(),
            socket(config.raft().memberListen()),
            endpoint,
            certificates.memberServer(),
            peer -> MemberIdentity.nameIn(peer, config.scope()),
            memberLoops));
    NodeFiles nodeFiles = new NodeFiles(config.stateDir());
    FormerDatabase.refuse(config, nodeFiles);
    Guardian guardian =
        config
            .postgres()
            .<Guardian>map(p -> own(new GuardianProcess(config.stateDir(), p.dataDir(), haTime)))
            .orElseGet(NoGuardian::new);
    this.postgres =
        config
            .postgres()
            .map(p -> own(new LocalPostgres(p, ProcessLauncher.direct(), haTime, haTime)));
    this.settingsChanges =
        postgres.map(p ->
            new SettingsChanges(
                p, task -> Thread.ofPlatform().daemon().name("settings").start(task)));
    RaftStore store = own(store(config, new GrpcVoterLink(channels), certificates, time));
    // After the store's library, which sets a handler of its own.
    UncaughtExceptions.install();
    endpoint.set(store.endpoint());
    ClusterKeys keys = new ClusterKeys(config.namespace(), config.scope());
    Executor background = task -> Thread.ofVirtual().name("journal").start(task);
    ExecutorService loop = loop();
    own(loop::shutdownNow);
    this.engine =
        engine(
            haConfig(config, version, random),
            new HaPorts(
                store,
                settingsChanges.<PostgresControl>map(p -> p).orElseGet(NoPostgres::new),
                nodeFiles,
                guardian,
                new GrpcPeers(channels, peerAddresses(config)),
                haTime,
                haTime,
                loop,
                random,
                time.wall(),
                new StoreJournal(
                    new LogJournal(), store, keys, config.name(), time, background, time.wall())));
    DynamicConfig.Trial trial =
        settingsChanges.<DynamicConfig.Trial>map(c -> c).orElse(DynamicConfig.Trial.NONE);
    EngineAgent agent =
        new EngineAgent(
            engine,
            new DynamicConfig(store, keys, new DynamicCheck(), trial),
            new JournalReader(store, keys));
    access.set(config.access().guard());
    own(
        listening(
            "restapi.listen",
            () ->
                HealthServer.start(
                    socket(config.restApi().listen()),
                    agent,
                    access::get,
                    time,
                    certificates.rest(),
                    eventLoops)));
    own(
        listening(
            "grpc.listen",
            () ->
                AdminServer.start(
                    socket(config.grpc().listen()),
                    agent,
                    Optional.of(store),
                    access::get,
                    time,
                    time,
                    certificates.grpc(),
                    eventLoops)));
    if (config.etcdApi().isPresent()) {
      InetSocketAddress listen = socket(config.etcdApi().get().listen());
      own(
          listening(
              "etcd_api.listen",
              () ->
                  EtcdApi.start(
                      listen, config, store, engine, time, random, certificates.etcdApi())));
    }
  }

  private interface Listener<T> {
    T start() throws IOException;
  }

  /** Names the setting of a port that cannot be had. */
  private static <T> T listening(String setting, Listener<T> listener) throws IOException {
    try {
      return listener.start();
    } catch (IOException e) {
      throw new IOException(
          setting + ": " + e.getMessage() + ". Is another process using the port?", e);
    }
  }

  private static RaftStore store(
      NodeConfig config, GrpcVoterLink link, Certificates certificates, SystemTime time)
      throws IOException {
    RaftStoreConfig plain = storeConfig(config);
    try {
      return RaftStore.open(
          certificates.raft().map(plain::withTls).orElse(plain), link, time, time);
    } catch (StoreRefusedException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "raft.data_dir: the store in %s cannot be opened: %s"
              .formatted(config.raft().dataDir(), StartFailures.reason(e)),
          e);
    }
  }

  private static HaEngine engine(HaConfig config, HaPorts ports) {
    try {
      return new HaEngine(config, ports);
    } catch (UncheckedIOException e) {
      throw new StartRefusedException("state_dir: " + e.getMessage(), e);
    }
  }

  /**
   * Builds and starts a member.
   *
   * @throws IOException when a port or file cannot be had
   * @throws RuntimeException naming the setting and the remedy, when something else cannot
   */
  public static NodeAssembly start(NodeConfig config, String version) throws IOException {
    Directories directories = Directories.ofThisProcess();
    directories.refuseRoot();
    directories.check(config);
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      NodeAssembly assembly = new NodeAssembly(config, version, parts);
      assembly.engine.start();
      return assembly;
    } catch (IOException | RuntimeException e) {
      close(parts);
      throw e;
    }
  }

  /**
   * The engine's one thread. Once it is shut down late timers and answers are dropped: an exception
   * in their threads would end the process with a failure after an orderly stop.
   */
  static ExecutorService loop() {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        Thread.ofPlatform().name("ha-loop").factory(),
        new ThreadPoolExecutor.DiscardPolicy());
  }

  private EventLoopGroup eventLoops(String name) {
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            EVENT_LOOPS,
            Thread.ofPlatform().daemon().name(name + "-", 1).factory(),
            NioIoHandler.newFactory());
    own(() -> loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly());
    return loops;
  }

  private <T extends AutoCloseable> T own(T part) {
    parts.push(part);
    return part;
  }

  /** Who may change something from now on. */
  void setAccess(AccessGuard guard) {
    access.set(guard);
  }

  /** Takes newer certificates, if there are any. */
  boolean refreshCertificates() {
    return certificates.refresh();
  }

  /** The engine. */
  public HaEngine engine() {
    return engine;
  }

  /** Settings can be read again from now on, by {@code reload}. */
  void reloadBy(Reload reload) {
    settingsChanges.ifPresent(changes -> {
      changes.reloadBy(reload);
      engine.onSnapshot(changes);
    });
  }

  /** Its PostgreSQL; empty on a witness. */
  Optional<LocalPostgres> postgres() {
    return postgres;
  }

  private static InetSocketAddress socket(HostPort address) {
    return address.host().equals("*")
        ? new InetSocketAddress(address.port())
        : new InetSocketAddress(address.host(), address.port());
  }

  static RaftStoreConfig storeConfig(NodeConfig config) {
    List<RaftStoreConfig.Member> members =
        config.raft().members().stream()
            .map(member ->
                new RaftStoreConfig.Member(
                    member.name().value(),
                    raftAddress(member.address()),
                    raftAddress(member.memberAddress())))
            .toList();
    HaTimings timings = config.settings().timings();
    return RaftStoreConfig.of(config.name().value(), config.raft().dataDir(), members)
        .withListen(raftAddress(config.raft().listen()))
        .withIdentityCopy(config.stateDir().resolve("store.identity"))
        .withTiming(
            RaftStoreConfig.Timing.LAN.withElection(timings.electionMin(), timings.electionMax()));
  }

  private static io.quorate.store.raft.HostPort raftAddress(HostPort address) {
    return new io.quorate.store.raft.HostPort(address.host(), address.port());
  }

  private static HaConfig haConfig(NodeConfig config, String version, SecureRandom random) {
    String agentHost = config.restApi().connect().host();
    return new HaConfig(
        config.scope(),
        config.namespace(),
        config.name(),
        HexFormat.of().toHexDigits(random.nextLong()),
        config.tags(),
        version,
        config.postgres().map(PostgresConfig::connectHost).orElse(agentHost),
        config.postgres().map(PostgresConfig::connectPort).orElse(0),
        (config.tls().rest().isPresent() ? "https://" : "http://")
            + config.restApi().connect()
            + "/patroni",
        config.grpc().connect().toString(),
        rejoin(config),
        config.settings(),
        SettingsCodec.encode(config.settingsTree()));
  }

  static Observation.RejoinPolicy rejoin(NodeConfig config) {
    return config
        .postgres()
        .map(postgres ->
            new Observation.RejoinPolicy(
                postgres.usePgRewind(),
                postgres.removeOnRewindFailure(),
                postgres.removeOnDivergedTimelines()))
        .orElse(Observation.RejoinPolicy.NONE);
  }

  private static Map<MemberName, String> peerAddresses(NodeConfig config) {
    return config.raft().members().stream()
        .collect(
            Collectors.toMap(
                NodeConfig.RaftMember::name, member -> member.memberAddress().toString()));
  }

  /** Ends everything, latest first; PostgreSQL and the guardian are left as they are. */
  @Override
  public void close() {
    close(parts);
  }

  private static void close(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.warn("shutdown outcome=failure \"{}\"", e.toString());
      }
    }
  }
}
