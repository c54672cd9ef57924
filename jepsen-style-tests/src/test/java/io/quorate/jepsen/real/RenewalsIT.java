package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.HaTimings;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A renewal needs no disk: with those of a majority of the store's voters as slow as 2 s a flush,
 * its leader's among them, and with every core taken besides, the primary keeps its lease.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RenewalsIT {

  private static final Duration WINDOW = Duration.ofSeconds(16);
  private static final HaTimings TIMINGS = HaTimings.lan();

  private RealCluster cluster;

  @BeforeAll
  void start() {
    cluster = RealCluster.prepare(Ports.freeBlock(), "    profile: lan\n");
    cluster.start();
    cluster.awaitHealthy(Duration.ofMinutes(2));
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = RenewalRun.Burden.class,
      names = {"DISK", "BOTH"})
  void goOnWhileTheStoresDisksAreSlow(RenewalRun.Burden burden) {
    RealNode primary = cluster.primary().orElseThrow();
    RenewalRun.Result result = RenewalRun.run(cluster, primary, burden, WINDOW);

    assertThat(result.delayed()).as("flushes made late").allMatch(count -> count > 0);
    assertThat(result.lease().faults(WINDOW, TIMINGS.renewEvery(), TIMINGS.ttl()))
        .as("%s", result)
        .isEmpty();
    assertThat(result.rows()).as("%s", result).isGreaterThan(100);
    assertThat(result.gap()).as("%s", result).isLessThan(Duration.ofSeconds(2));
    cluster.awaitHealthy(Duration.ofMinutes(1));
    assertThat(cluster.primary()).contains(primary);
  }

  /** The check above would see renewals that wait as long as the disk does. */
  @Test
  void whichWaitAsLongAsTheDiskAreNoticed() {
    RealNode primary = cluster.primary().orElseThrow();
    Duration window = Duration.ofSeconds(8);
    RenewalRun.Result result =
        RenewalRun.run(cluster, primary, RenewalRun.Burden.DISK_AND_MESSAGES, window);

    assertThat(result.lease().faults(window, TIMINGS.renewEvery(), TIMINGS.ttl()))
        .as("%s", result)
        .anySatisfy(fault -> assertThat(fault).contains("renewals"))
        .anySatisfy(fault -> assertThat(fault).contains("not primary"));
    cluster.awaitHealthy(Duration.ofMinutes(1));
  }
}
