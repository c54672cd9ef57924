package io.quorate.ha.decide;

/**
 * Safety rules of judgement, each of which a test may turn off to prove that its absence is
 * noticed. Production code uses {@link #STRICT} and nothing else.
 *
 * @param branchBeforePosition a longer position on a fork that lost means nothing in an election
 * @param promotesOnlyUnderHold no promotion once the deadline has passed, nor of a member that has
 *     pledged since it took the key
 * @param waitsForAllWal a candidate takes over only with all that the stopped primary has written
 */
public record DecisionRules(
    boolean branchBeforePosition, boolean promotesOnlyUnderHold, boolean waitsForAllWal) {

  /** All rules on. */
  public static final DecisionRules STRICT = new DecisionRules(true, true, true);
}
