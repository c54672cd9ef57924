package io.quorate.jepsen.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The production engine under faults drawn from seeds. */
final class SimulationTest {

  private static final long FIRST = Long.getLong("quorate.sim.first", 1);

  @Test
  void aClusterComesUpByItself() {
    assertThat(
            LongStream.range(FIRST, FIRST + 30)
                .parallel()
                .mapToObj(seed -> Simulation.run(seed, SimOptions.CALM))
                .filter(result -> result.violation().isPresent())
                .map(SimulationTest::describe))
        .isEmpty();
  }

  @Test
  void oneSeedGivesOneTraceToTheByte() {
    for (long seed = FIRST; seed < FIRST + 5; seed++) {
      String first = Simulation.run(seed, SimOptions.STANDARD).trace();
      String second = Simulation.run(seed, SimOptions.STANDARD).trace();
      assertThat(second).isEqualTo(first).isNotEmpty();
    }
  }

  private static String describe(SimResult result) {
    Path file = Path.of("target", "sim-traces", "seed-" + result.seed() + ".trace");
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, result.trace());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return result.summary() + " trace=" + file.toAbsolutePath();
  }
}
