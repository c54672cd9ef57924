package io.quorate.jepsen.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each rule of the protocol, left out, is missed: the invariant that it keeps is broken under the
 * plot in which it counts. With all rules, no invariant is.
 */
final class MutationTest {

  private static final int SEEDS = 30;

  @ParameterizedTest
  @EnumSource(Plot.class)
  void withAllRulesNoPlotDoesHarm(Plot plot) {
    List<SimResult> broken = Seeds.broken(1, SEEDS, SimOptions.of(plot));
    assertThat(broken.stream().map(Seeds::replay)).isEmpty();
  }

  @Test
  void aCandidateThatDoesNotWaitForAllWalIsFoundOut() {
    assertThat(
            LongStream.rangeClosed(1, 20 * SEEDS)
                .mapToObj(seed ->
                    Simulation.run(seed, SimOptions.OPERATED.with(Mutation.HASTY_CANDIDATE)))
                .flatMap(result -> result.violation().stream())
                .map(SimResult.Violation::invariant)
                .filter("SwitchoversLoseNothing"::equals)
                .findFirst())
        .isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "NO_ROUND, DELAYED_ACQUISITION, NoMix",
    "RANK_BY_LSN, LOST_FORK_RETURNS, HistoryGoesOn",
    "NO_TERM_STAMP, LATE_EXPIRY, LeaseExclusive",
    "LATE_PROMOTION, PAUSED_WINNER, PromotesOnlyUnderHold",
    "TIMELINE_REUSED, FIRST_WINNER_DIES, NoMix",
    "RECEIVES_AFTER_PLEDGE, OLD_PRIMARY_WAKES, ReceivesNothingAfterPledge",
  })
  void aRuleLeftOutIsMissed(Mutation mutation, Plot plot, String invariant) {
    assertThat(
            LongStream.rangeClosed(1, SEEDS)
                .mapToObj(seed -> Simulation.run(seed, SimOptions.of(plot).with(mutation)))
                .flatMap(result -> result.violation().stream())
                .map(SimResult.Violation::invariant)
                .filter(invariant::equals)
                .findFirst())
        .as("%s breaks without the rule", invariant)
        .isPresent();
  }
}
