package io.quorate.jepsen.invariant;

import java.util.List;
import java.util.Optional;

/** At most one member may believe at a time that it holds the key. */
public final class LeaseExclusive implements ClusterInvariant {

  @Override
  public Optional<String> check(ClusterFacts facts) {
    List<String> holders =
        facts.hosts().stream()
            .filter(host -> host.holds().isPresent())
            .map(host -> host.name() + " (epoch " + host.holds().orElseThrow() + ")")
            .toList();
    return holders.size() > 1
        ? Optional.of("several believe to hold the key: " + holders)
        : Optional.empty();
  }
}
