package io.quorate.jepsen.sim.store;

import io.quorate.ha.model.HaTimings;
import java.time.Duration;

/**
 * Intervals of the modelled Raft.
 *
 * @param stepDown a leader that hears no majority for this long gives up; a very long one makes
 *     leaders that learn only late that they are deposed
 */
public record RaftTimings(
    Duration tick,
    Duration heartbeat,
    Duration electionMin,
    Duration electionMax,
    Duration stepDown,
    Duration request,
    Duration round) {

  /** Those of a profile. */
  public static RaftTimings of(HaTimings timings, boolean learnsLate) {
    return new RaftTimings(
        Duration.ofMillis(25),
        timings.electionMin().dividedBy(3),
        timings.electionMin(),
        timings.electionMax(),
        learnsLate ? Duration.ofSeconds(60) : timings.electionMax().multipliedBy(2),
        Duration.ofMillis(1500),
        Duration.ofMillis(500));
  }
}
