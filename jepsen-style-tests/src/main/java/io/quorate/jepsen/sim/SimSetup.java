package io.quorate.jepsen.sim;

import io.quorate.ha.cluster.SettingsCodec;
import io.quorate.ha.decide.Observation.RejoinPolicy;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.invariant.Invariant;
import io.quorate.store.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What the seed makes of a cluster.
 *
 * @param learnsLate a leader of the store without a majority does not notice by itself
 * @param calmStart the cluster is made before faults begin
 * @param witness the host without PostgreSQL, if there is one
 */
record SimSetup(
    List<String> hosts,
    ClusterSettings settings,
    Bytes settingsValue,
    RejoinPolicy rejoin,
    boolean learnsLate,
    boolean calmStart,
    Optional<String> witness) {

  /** The same with {@code count} hosts that were whole before a plot begins. */
  SimSetup forPlot(int count) {
    return new SimSetup(
        List.of("db1", "db2", "db3", "db4", "db5").subList(0, count),
        settings,
        settingsValue,
        rejoin,
        true,
        true,
        Optional.empty());
  }

  static SimSetup draw(SplittableRandom random) {
    List<String> hosts =
        random.nextInt(4) == 0
            ? List.of("db1", "db2", "db3", "db4", "db5")
            : List.of("db1", "db2", "db3");
    Map<String, Object> tree =
        Map.of(
            "profile",
            random.nextInt(3) == 0 ? "fast" : "lan",
            "failover_limit",
            1000,
            "maximum_lag_on_failover",
            100_000_000);
    SettingsCodec.Parsed parsed = SettingsCodec.parse(tree);
    Invariant.check(parsed.errors().isEmpty(), "settings are refused: %s", parsed.errors());
    boolean learnsLate = random.nextInt(3) == 0;
    boolean calmStart = random.nextInt(4) != 0;
    boolean withWitness = random.nextInt(4) == 0 && hosts.size() == 3;
    return new SimSetup(
        hosts,
        parsed.settings(),
        SettingsCodec.encode(tree),
        new RejoinPolicy(true, true, true),
        learnsLate,
        calmStart,
        withWitness ? Optional.of(hosts.get(random.nextInt(3))) : Optional.empty());
  }
}
