package io.quorate.jepsen.sim;

import io.quorate.jepsen.invariant.AckedCommit;
import io.quorate.jepsen.invariant.ClusterFacts;
import io.quorate.jepsen.invariant.HostFacts;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimNetwork;
import io.quorate.jepsen.sim.kernel.SimProcess;
import io.quorate.jepsen.sim.postgres.SimServer;
import io.quorate.jepsen.sim.postgres.WalJournal;
import io.quorate.jepsen.sim.postgres.WalRecord;
import io.quorate.jepsen.sim.store.RaftTimings;
import io.quorate.jepsen.sim.store.StoreGroup;
import io.quorate.store.machine.StoreRules;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** All hosts, what joins them, and the clients. */
final class SimCluster implements ClusterFacts {

  private final SimKernel kernel;
  private final SimSetup setup;
  private final Mutation mutation;
  private final SimNetwork network;
  private final StoreGroup group;
  private final WalJournal journal = new WalJournal();
  private final Map<String, SimHost> hosts = new TreeMap<>();
  private final SimProcess world = new SimProcess("world");
  private final Workload workload;

  SimCluster(SimKernel kernel, SimSetup setup, Mutation mutation) {
    this.kernel = kernel;
    this.setup = setup;
    this.mutation = mutation;
    this.network = new SimNetwork(kernel, SimNetwork.Quality.LAN);
    Map<String, SimServer> servers = new TreeMap<>();
    setup
        .hosts()
        .forEach(name -> {
          boolean witness = setup.witness().filter(name::equals).isPresent();
          hosts.put(name, new SimHost(name, kernel, network, servers, journal, !witness));
        });
    Map<String, SimProcess> agents = new TreeMap<>();
    hosts.forEach((name, host) -> agents.put(name, host.agent));
    StoreRules rules =
        mutation == Mutation.NO_TERM_STAMP
            ? new StoreRules(true, false, true, true)
            : StoreRules.STRICT;
    this.group =
        new StoreGroup(
            kernel,
            network,
            RaftTimings.of(setup.settings().timings(), setup.learnsLate()),
            rules,
            agents);
    hosts.values().forEach(host -> host.joined(group));
    world.start();
    this.workload = new Workload(kernel, world, List.copyOf(hosts.values()));
  }

  /** Starts every agent, and the clients. */
  void start() {
    hosts
        .values()
        .forEach(host -> {
          host.clock.rate(1.0 + 0.009 * (2 * kernel.random().nextDouble() - 1));
          kernel.schedule(world, kernel.millis(0, 800), () -> startAgent(host));
        });
    workload.start();
  }

  /** Starts the agent of a host, unless it runs or the host is down. */
  void startAgent(SimHost host) {
    if (host.powered && host.running == null) {
      SimAgent.start(this, host);
    }
  }

  /** An agent ended by itself, in good order. */
  void agentEnded(SimHost host) {
    kernel.schedule(
        host.agent,
        kernel.micros(100, 5000),
        () -> {
          kernel.note(host.name, "the agent ended");
          host.crashAgent();
        });
  }

  SimKernel kernel() {
    return kernel;
  }

  SimNetwork network() {
    return network;
  }

  StoreGroup group() {
    return group;
  }

  SimSetup setup() {
    return setup;
  }

  Mutation mutation() {
    return mutation;
  }

  SimProcess world() {
    return world;
  }

  Map<String, SimHost> byName() {
    return hosts;
  }

  @Override
  public long nowNanos() {
    return kernel.now();
  }

  @Override
  public List<? extends HostFacts> hosts() {
    return List.copyOf(hosts.values());
  }

  @Override
  public List<String> mixedHistories() {
    return journal.mixed();
  }

  @Override
  public List<String> latePromotions() {
    return hosts.values().stream().flatMap(host -> host.latePromotions().stream()).toList();
  }

  @Override
  public List<AckedCommit> acknowledged() {
    return workload.acknowledged();
  }

  @Override
  public Set<Long> commitsOn(String host) {
    SimHost found = hosts.get(host);
    return found == null
        ? Set.of()
        : found.server.wal().records().stream()
            .map(WalRecord::commit)
            .filter(number -> number != 0)
            .collect(Collectors.toSet());
  }
}
