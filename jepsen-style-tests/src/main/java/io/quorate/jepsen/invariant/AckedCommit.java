package io.quorate.jepsen.invariant;

import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;

/**
 * A commit that a client was told of.
 *
 * @param end position after its record
 * @param at true time, nanoseconds since the run began
 */
public record AckedCommit(long number, String host, TimelineId timeline, Lsn end, long at) {}
