package io.quorate.jepsen.sim;

import io.quorate.ha.HaEngine;
import io.quorate.ha.decide.DecisionRules;
import io.quorate.ha.loop.HaConfig;
import io.quorate.ha.loop.HaPorts;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.witness.NoGuardian;
import io.quorate.ha.witness.NoPostgres;
import io.quorate.jepsen.sim.kernel.SimExecutor;
import io.quorate.jepsen.sim.kernel.SimScheduler;
import io.quorate.jepsen.sim.postgres.SimPostgres;
import io.quorate.jepsen.sim.store.Replica;
import io.quorate.jepsen.sim.store.SimStore;
import io.quorate.store.Store;
import java.util.HexFormat;

/** One run of the agent on a host: the production engine on simulated ports. */
final class SimAgent {

  private final Replica replica;
  private final HaEngine engine;

  private SimAgent(Replica replica, HaEngine engine) {
    this.replica = replica;
    this.engine = engine;
  }

  /** Starts the agent's process, and all that runs in it. */
  static void start(SimCluster cluster, SimHost host) {
    host.agent.start();
    cluster.kernel().note(host.name, "the agent starts");
    Replica replica = new Replica(cluster.group(), host.name, host.clock);
    Store store =
        new ObservedStore(new SimStore(cluster.group(), host.name, replica), host, cluster);
    HaPorts ports =
        new HaPorts(
            store,
            postgres(cluster, host),
            new SimPorts.Notes(host, cluster.kernel()),
            host.hasPostgres ? new SimPorts.Feeder(host, cluster.kernel()) : new NoGuardian(),
            new SimPorts.Calls(host, cluster.network(), cluster.byName()),
            host.clock,
            new SimScheduler(cluster.kernel(), host.agent, host.clock),
            new SimExecutor(cluster.kernel(), host.agent),
            cluster.kernel().fork(),
            host.clock,
            new SimPorts.Recorder(host, cluster.kernel()));
    SimAgent agent =
        new SimAgent(
            replica, new HaEngine(config(cluster, host), ports, rules(cluster.mutation())));
    host.running = agent;
    agent.engine.start();
    var _ = agent.engine.ended().thenAccept(_ -> cluster.agentEnded(host));
  }

  private static PostgresControl postgres(SimCluster cluster, SimHost host) {
    return host.hasPostgres
        ? new ObservedPostgres(
            new SimPostgres(
                host.server,
                cluster.kernel(),
                host.agent,
                host.pace,
                cluster.mutation() == Mutation.RECEIVES_AFTER_PLEDGE),
            host)
        : new NoPostgres();
  }

  private static DecisionRules rules(Mutation mutation) {
    return new DecisionRules(
        mutation != Mutation.RANK_BY_LSN,
        mutation != Mutation.LATE_PROMOTION,
        mutation != Mutation.HASTY_CANDIDATE);
  }

  private static HaConfig config(SimCluster cluster, SimHost host) {
    return new HaConfig(
        "sim",
        "service",
        new MemberName(host.name),
        HexFormat.of().toHexDigits(cluster.kernel().random().nextLong()),
        MemberTags.NONE,
        "simulated",
        host.name,
        host.hasPostgres ? 5432 : 0,
        "http://" + host.name + ":8008/patroni",
        host.name + ":7000",
        cluster.setup().rejoin(),
        cluster.setup().settings(),
        cluster.setup().settingsValue());
  }

  HaEngine engine() {
    return engine;
  }

  Replica replica() {
    return replica;
  }
}
