package io.quorate.jepsen.sim;

import java.util.Optional;

/**
 * How a run ended.
 *
 * @param epochs how often the key was taken
 * @param acknowledged commits that clients were told of
 * @param lost of these, not in the final history
 */
public record SimResult(
    long seed,
    SimOptions options,
    Optional<Violation> violation,
    String trace,
    long events,
    int epochs,
    long acknowledged,
    long lost) {

  /** What was broken, and when. */
  public record Violation(String invariant, String what, long atNanos) {}

  /** What {@link SimMain} repeats exactly this run with. */
  public String arguments() {
    return "--seeds "
        + seed
        + " --mutation "
        + options.mutation()
        + options.plot().map(plot -> " --plot " + plot).orElse("")
        + (options.operated() ? " --operated true" : "");
  }

  /** One line. */
  public String summary() {
    return "seed="
        + seed
        + " events="
        + events
        + " epochs="
        + epochs
        + " acknowledged="
        + acknowledged
        + " lost="
        + lost
        + violation
            .map(v ->
                " VIOLATION "
                    + v.invariant()
                    + " at "
                    + v.atNanos() / 1_000_000
                    + " ms: "
                    + v.what())
            .orElse("");
  }
}
