package io.quorate.jepsen.invariant;

import java.util.Optional;

/** Something that must hold. An instance belongs to one run and may remember what it saw. */
public interface ClusterInvariant {

  /** Its name. */
  default String name() {
    return getClass().getSimpleName();
  }

  /** Looks after every event; says how it is broken, if it is. */
  default Optional<String> check(ClusterFacts facts) {
    return Optional.empty();
  }

  /** Looks once, after all faults were healed and the cluster had its time. */
  default Optional<String> checkSettled(ClusterFacts facts) {
    return Optional.empty();
  }
}
