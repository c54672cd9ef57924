package io.quorate.jepsen.invariant;

import io.quorate.ha.model.EndOfWal;
import java.util.Optional;

/** Who said where its WAL ends, for a round, gets no more of it until it follows or is promoted. */
public final class ReceivesNothingAfterPledge implements ClusterInvariant {

  @Override
  public Optional<String> check(ClusterFacts facts) {
    for (HostFacts host : facts.hosts()) {
      Optional<EndOfWal> said = host.stoppedAt();
      if (said.isPresent() && !said.get().equals(host.endOfWal())) {
        return Optional.of(
            host.name() + " stopped receiving at " + said.get() + " and is at " + host.endOfWal());
      }
    }
    return Optional.empty();
  }
}
