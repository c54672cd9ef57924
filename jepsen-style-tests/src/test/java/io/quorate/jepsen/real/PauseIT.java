package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Maintenance on real servers: while the cluster is paused PostgreSQL is left as it is, whatever
 * happens to the agents and to the key; when the pause ends everything stands as before.
 */
final class PauseIT {

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration BOUND = Duration.ofSeconds(30);

  /** Longer than the lease, and than a failover would take. */
  private static final Duration LEASE_AND_MORE = Duration.ofSeconds(5);

  private RealCluster cluster;
  private Cli cli;
  private RealNode primary;
  private List<RealNode> standbys;

  @BeforeEach
  void startAndPause() {
    cluster = RealCluster.prepare(Ports.freeBlock(), "    profile: lan\n");
    cli = new Cli(cluster);
    cluster.start();
    cluster.awaitHealthy(START);
    primary = cluster.primary().orElseThrow();
    standbys = cluster.nodes().stream().filter(node -> !node.equals(primary)).toList();
    await("a guardian", () -> guarded().contains(primary));
    cli.done("pause", "--wait");
    await("no guardian", () -> guarded().isEmpty());
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  void postgresIsLeftAloneWhateverHappensToAgentsAndKey() throws SQLException {
    RealNode byHand = standbys.getFirst();
    stopByHand(byHand);
    Map<RealNode, Long> running = running();
    assertThat(running).doesNotContainKey(byHand).hasSize(2);

    agentsAreUpgraded();
    assertThat(running()).isEqualTo(running);
    keyLapses();
    assertThat(running()).isEqualTo(running);
    assertThat(guarded()).isEmpty();

    stopByHand(primary);
    await("no primary", () -> cluster.primary().isEmpty());
    stays(
        "what was stopped stays so, and nobody takes over",
        Duration.ofSeconds(2),
        () -> running().size() == 1 && cluster.primary().isEmpty());
    cli.done("resume", "--wait");
    cluster.awaitHealthy(START);
    await("a guardian", () -> guarded().equals(cluster.primary().stream().toList()));
  }

  /** All at once, so that the store is gone too; one of them gets no time to say good-bye. */
  private void agentsAreUpgraded() {
    primary.signalAgent("KILL");
    standbys.forEach(node -> node.signalAgent("TERM"));
    primary.awaitAgentEnd(BOUND);
    standbys.forEach(node -> assertThat(node.awaitAgentEnd(BOUND)).isZero());
    cluster.upgrade();
    cluster.start();
    await("the same primary", () -> cluster.primary().equals(Optional.of(primary)));
    await("a standby that streams", () -> state(standbys.getLast()).equals("streaming"));
  }

  private void keyLapses() throws SQLException {
    try (Connection application = Ledger.connect(primary);
        Statement statement = application.createStatement()) {
      statement.execute("CREATE TABLE notes (n int)");
      int epoch = epoch();
      primary.signalAgent("STOP");
      stays(
          "nobody else is primary, and writes go on",
          LEASE_AND_MORE,
          () -> {
            try {
              statement.execute("INSERT INTO notes VALUES (1)");
            } catch (SQLException e) {
              throw new AssertionError(cluster.evidence(), e);
            }
            return standbys.stream().noneMatch(node -> cluster.status(node, "/primary") == 200);
          });
      primary.signalAgent("CONT");
      await("the key taken again", () -> cluster.status(primary, "/primary") == 200);
      assertThat(epoch()).isGreaterThan(epoch);
      try (ResultSet recovery = statement.executeQuery("SELECT pg_is_in_recovery()")) {
        recovery.next();
        assertThat(recovery.getBoolean(1)).isFalse();
      }
    }
  }

  private void stopByHand(RealNode node) {
    // What pg_ctl stop sends.
    node.signalPostmaster("INT");
    await("end of PostgreSQL on " + node.name(), () -> node.instancePids().isEmpty());
  }

  private int epoch() {
    return cluster.metrics(primary).getOrDefault("quorate_epoch", 0.0).intValue();
  }

  private String state(RealNode node) {
    return cluster.json(primary, "/cluster").stream()
        .flatMap(view -> view.path("members").valueStream())
        .filter(member -> member.path("name").asString().equals(node.name()))
        .map(member -> member.path("state").asString())
        .findFirst()
        .orElse("");
  }

  /** Which run of PostgreSQL is up where. */
  private Map<RealNode, Long> running() {
    Map<RealNode, Long> servers = new LinkedHashMap<>();
    cluster.nodes().forEach(node -> node.postmasterPid().ifPresent(pid -> servers.put(node, pid)));
    return servers;
  }

  private List<RealNode> guarded() {
    return cluster.nodes().stream()
        .filter(
            node -> !node.processesMentioning(node.directory() + "/state/guardian.sh").isEmpty())
        .toList();
  }

  private void await(String what, BooleanSupplier condition) {
    Patience.await(what, BOUND, condition, cluster::evidence);
  }

  private void stays(String what, Duration span, BooleanSupplier condition) {
    Patience.keeps(what, span, condition, cluster::evidence);
  }
}
