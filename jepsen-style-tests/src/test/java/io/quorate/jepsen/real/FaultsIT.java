package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every fault on real processes and real PostgreSQL: at most one writable node at any time, lost
 * acknowledged rows exactly as the failover report says, and all three streaming at the end without
 * a human.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FaultsIT {

  private static final int BASE = 26_430;

  private RealCluster cluster;

  @BeforeAll
  void start() {
    cluster = RealCluster.prepare(BASE, "    failover_limit: 100\n");
    cluster.start();
    cluster.awaitHealthy(Duration.ofMinutes(2));
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  /** Two leases long nothing happens that a watch would tell: standbys go on to be routed to. */
  @Test
  void anIdleClusterKeepsItsStandbys() {
    cluster.awaitHealthy(Duration.ofMinutes(1));
    RealNode primary = cluster.primary().orElseThrow();
    List<RealNode> standbys = cluster.nodes().stream().filter(n -> !n.equals(primary)).toList();
    long began = System.nanoTime();
    Patience.await(
        "two leases",
        Duration.ofSeconds(30),
        () -> {
          for (RealNode standby : standbys) {
            assertThat(cluster.status(standby, "/asynchronous")).isEqualTo(200);
            assertThat(cluster.json(standby, "/patroni").orElseThrow().has("cluster_unlocked"))
                .isFalse();
          }
          return System.nanoTime() - began > Duration.ofSeconds(7).toNanos();
        },
        cluster::evidence);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {
        "HOST_LOST",
        "POSTGRES_KILLED",
        "AGENT_KILLED",
        "AGENT_STOPPED",
        "AGENT_TERMINATED",
        "POSTGRES_STOPPED",
        "STORE_LEADER_KILLED",
        "STANDBY_AGENTS_KILLED"
      })
  void survives(Fault fault) throws SQLException {
    Duration held = fault == Fault.AGENT_STOPPED ? Duration.ofSeconds(60) : Duration.ofSeconds(5);
    FaultRun.Result result = FaultRun.run(cluster, fault, held);

    // Each row is a commit of its own; a commit that was never acknowledged may be lost beside.
    assertThat(FaultCampaign.objections(result)).isEmpty();
    if (fault == Fault.AGENT_TERMINATED) {
      assertThat(result.lost()).as("a hand-over loses nothing").isEmpty();
    }
  }
}
