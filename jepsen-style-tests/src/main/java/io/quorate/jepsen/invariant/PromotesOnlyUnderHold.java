package io.quorate.jepsen.invariant;

import java.util.Optional;

/**
 * A promotion, or a start as primary, begins only while the member may believe in its hold, and not
 * after it has pledged against the epoch that it took.
 */
public final class PromotesOnlyUnderHold implements ClusterInvariant {

  @Override
  public Optional<String> check(ClusterFacts facts) {
    return facts.latePromotions().stream().findFirst();
  }
}
