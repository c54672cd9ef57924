package io.quorate.store.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.quorate.store.lease.LeaseCluster.Rules;
import io.quorate.store.machine.StoreRules;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Leases in a cluster driven by chance; a run is its seed. */
class LeaseClusterProperties {
  private static final int STEPS = 600;

  /** As many runs as {@code -Dquorate.lease.runs} asks for. */
  @Test
  void noLeaseEndsWhileItsHolderBelieves() {
    long runs = Long.getLong("quorate.lease.runs", 3_000);
    long first = Long.getLong("quorate.lease.seed", 1);
    long tenures = 0;
    long renewals = 0;
    for (long seed = first; seed < first + runs; seed++) {
      LeaseCluster cluster = run(seed, strict());
      tenures += cluster.tenures();
      renewals += cluster.renewals();
    }
    assertThat(tenures).isGreaterThan(runs);
    assertThat(renewals).isGreaterThan(runs);
  }

  static Stream<Arguments> brokenRules() {
    return Stream.of(
        Arguments.of("no confirmation", authority(false, true, true, true, true, true, true)),
        Arguments.of("stale answers", authority(true, false, true, true, true, true, true)),
        Arguments.of(
            "refuse on arrival only", authority(true, true, true, false, true, true, true)),
        Arguments.of("never refuse", authority(true, true, false, false, true, true, true)),
        Arguments.of("timeout is known", authority(true, true, true, true, false, true, true)),
        Arguments.of("old timers", authority(true, true, true, true, true, false, true)),
        Arguments.of("hold without key", authority(true, true, true, true, true, true, false)),
        Arguments.of("no term stamp", store(true, false)),
        Arguments.of("no generation", store(false, true)),
        Arguments.of("not ready", new Rules(StoreRules.STRICT, AuthorityRules.STRICT, false)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenRules")
  void eachRuleTurnedOffIsNoticed(String name, Rules rules) {
    for (long seed = 1; seed < 100_000; seed++) {
      try {
        new LeaseCluster(seed, rules).run(STEPS);
      } catch (LeaseCluster.Violation e) {
        assertThat(e).hasMessageContaining("believe");
        return;
      }
    }
    fail(name + " is not noticed");
  }

  private static Rules strict() {
    return new Rules(StoreRules.STRICT, AuthorityRules.STRICT, true);
  }

  private static Rules authority(
      boolean confirm,
      boolean fresh,
      boolean onArrival,
      boolean onExtension,
      boolean dead,
      boolean freshTtl,
      boolean holdNeedsKey) {
    return new Rules(
        StoreRules.STRICT,
        new AuthorityRules(
            confirm, fresh, onArrival, onExtension, dead, freshTtl, true, holdNeedsKey),
        true);
  }

  private static Rules store(boolean generation, boolean termStamp) {
    return new Rules(
        new StoreRules(generation, termStamp, true, true), AuthorityRules.STRICT, true);
  }

  private static LeaseCluster run(long seed, Rules rules) {
    LeaseCluster cluster = new LeaseCluster(seed, rules);
    try {
      cluster.run(STEPS);
    } catch (LeaseCluster.Violation e) {
      fail("seed " + seed, e);
    }
    return cluster;
  }
}
