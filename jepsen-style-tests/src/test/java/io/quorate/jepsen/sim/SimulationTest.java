package io.quorate.jepsen.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The production engine under faults drawn from seeds. {@code -Dquorate.sim.first} and {@code
 * -Dquorate.sim.seeds} choose others than those that always run.
 */
final class SimulationTest {

  private static final long FIRST = Long.getLong("quorate.sim.first", 1);
  private static final int SEEDS = Integer.getInteger("quorate.sim.seeds", 200);

  @Test
  void aClusterComesUpByItself() {
    List<SimResult> broken = Seeds.broken(FIRST, 30, SimOptions.CALM);
    assertThat(broken.stream().map(Seeds::replay)).isEmpty();
  }

  @Test
  void whatIsPromisedHoldsUnderEveryFault() {
    List<SimResult> broken = Seeds.broken(FIRST, SEEDS, SimOptions.STANDARD);
    assertThat(broken.stream().map(Seeds::replay)).isEmpty();
  }

  /** Seeds that once broke something, outside of those that always run. */
  @ParameterizedTest
  @ValueSource(longs = {13_049})
  void whatOnceBrokeHolds(long seed) {
    List<SimResult> broken = Seeds.broken(seed, 1, SimOptions.STANDARD);
    assertThat(broken.stream().map(Seeds::replay)).isEmpty();
  }

  /** As above, of those with an operator. */
  @ParameterizedTest
  @ValueSource(longs = {700_243})
  void whatOnceBrokeUnderAnOperatorHolds(long seed) {
    List<SimResult> broken = Seeds.broken(seed, 1, SimOptions.OPERATED);
    assertThat(broken.stream().map(Seeds::replay)).isEmpty();
  }

  @Test
  void whatIsPromisedHoldsWhateverAnOperatorAsksFor() {
    List<SimResult> broken = Seeds.broken(FIRST, SEEDS * 3 / 10, SimOptions.OPERATED);
    assertThat(broken.stream().map(Seeds::replay)).isEmpty();
  }

  @Test
  void oneSeedGivesOneTraceToTheByte() {
    LongStream.range(FIRST, FIRST + 5)
        .forEach(seed -> {
          String first = Simulation.run(seed, SimOptions.STANDARD).trace();
          String second = Simulation.run(seed, SimOptions.STANDARD).trace();
          assertThat(second).isEqualTo(first).isNotEmpty();
        });
  }
}
