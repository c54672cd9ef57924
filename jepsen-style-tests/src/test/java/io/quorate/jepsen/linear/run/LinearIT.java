package io.quorate.jepsen.linear.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quorate.jepsen.real.Namespaces;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One short history of real store processes under each fault, judged. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LinearIT {

  private static final Duration LENGTH = Duration.ofSeconds(3);
  private static final long SEED = 20_261_123;

  private LinearRun run;

  @BeforeAll
  void start() {
    run = LinearRun.start();
  }

  @AfterAll
  void stop() {
    run.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = StoreFault.class,
      names = {"KILL", "PAUSE", "PARTITION", "SLOW_DISK", "TRANSFER", "MEMBERSHIP"})
  void keepsItsPromises(StoreFault fault) {
    if (!run.can(fault)) {
      String why = Namespaces.obstacle().orElse("");
      System.err.println("SKIPPED LinearIT " + fault + ": " + why);
      assumeTrue(run.can(fault), why);
    }
    LinearRun.Result result = run.history(fault, SEED, LENGTH);

    assertThat(result.faults()).as("%s", result).isEmpty();
    assertThat(result.strikes()).as("%s", result).isPositive();
    assertThat(result.operations()).as("%s", result).isGreaterThan(10);
    assertThat(result.changes()).as("%s", result).isGreaterThan(10);
  }

  /** The judge is not blind: reads from any replica, whatever it knows, are found out. */
  @Test
  void staleReadsAreFound() {
    LinearRun.Result result =
        run.historyOfLocalReads(StoreFault.SLOW_DISK, SEED, LENGTH.multipliedBy(2));

    assertThat(result.faults())
        .as("%s", result)
        .anySatisfy(fault -> assertThat(fault).contains("not linearizable"));
  }
}
