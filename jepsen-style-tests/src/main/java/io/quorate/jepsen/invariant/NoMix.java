package io.quorate.jepsen.invariant;

import java.util.Optional;

/** No data directory ever holds WAL of two histories. */
public final class NoMix implements ClusterInvariant {

  @Override
  public Optional<String> check(ClusterFacts facts) {
    return facts.mixedHistories().stream().findFirst();
  }
}
