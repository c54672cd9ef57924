package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The primary's host is cut off from both others, and clients still reach it: it must not take
 * writes beyond its lease, and what it took after the cut is lost exactly as the report says.
 */
final class PartitionIT {

  @Test
  void ofThePrimaryEndsItsWritesWithItsLease() throws SQLException {
    Optional<String> obstacle = Namespaces.obstacle();
    obstacle.ifPresent(why -> System.err.println("SKIPPED PartitionIT: " + why));
    assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
    try (RealCluster cluster =
        RealCluster.prepare(
            Ports.freeBlock(), "    profile: lan\n", Namespaces.make(RealCluster.SIZE))) {
      cluster.start();
      cluster.awaitHealthy(Duration.ofMinutes(2));
      FaultRun.Result result = FaultRun.run(cluster, Fault.NETWORK_CUT, Duration.ofSeconds(12));

      assertThat(FaultCampaign.objections(result)).as("%s", result).isEmpty();
      assertThat(result.lost()).as("rows taken after the cut: %s", result).isNotEmpty();
      assertThat(result.reportedCommits()).as("%s", result).isPresent();
    }
  }
}
