package io.quorate.jepsen.sim;

import java.time.Duration;
import java.util.Optional;

/**
 * What a run is made of, beside its seed.
 *
 * @param faults how long faults go on
 * @param settling how long the cluster may take after that
 * @param plot what happens instead of faults by lot
 * @param operated an operator asks for things meanwhile
 */
public record SimOptions(
    Duration faults, Duration settling, Mutation mutation, Optional<Plot> plot, boolean operated) {

  /** The production code, for as long as CI can afford. */
  public static final SimOptions STANDARD =
      new SimOptions(
          Duration.ofSeconds(40), Duration.ofSeconds(90), Mutation.NONE, Optional.empty(), false);

  /** The same with an operator at work. */
  public static final SimOptions OPERATED =
      new SimOptions(STANDARD.faults(), STANDARD.settling(), Mutation.NONE, Optional.empty(), true);

  /** No faults at all. */
  public static final SimOptions CALM =
      new SimOptions(Duration.ZERO, Duration.ofSeconds(60), Mutation.NONE, Optional.empty(), false);

  /** The same run of other code. */
  public SimOptions with(Mutation other) {
    return new SimOptions(faults, settling, other, plot, operated);
  }

  /** What {@code plot} brings instead of faults by lot. */
  public static SimOptions of(Plot plot) {
    return new SimOptions(
        Duration.ofSeconds(15), Duration.ofSeconds(90), Mutation.NONE, Optional.of(plot), false);
  }
}
