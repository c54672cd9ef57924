package io.quorate.ha.model;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one change of primary was: key {@code quorate/failover/<round>}, written by the very
 * transaction that took the key, so that no change of primary is without one.
 *
 * @param epoch the new primary's epoch: the key's create revision
 * @param cause a sentence: what was seen
 * @param at wall time of the new primary, ISO 8601, for people
 * @param steps milliseconds from the moment the new primary's agent saw the key vanish
 * @param promotedAt where the new timeline forked off
 * @param counted ends of WAL that the election counted, by member; empty where there was none
 * @param automatic nobody asked for it: it counts for {@code failover_limit}
 * @param loss what the old primary had beyond that; unknown until it is back
 */
public record FailoverReport(
    Epoch epoch,
    String cause,
    String at,
    Optional<MemberName> oldPrimary,
    MemberName newPrimary,
    TimelineId oldTimeline,
    TimelineId newTimeline,
    Lsn promotedAt,
    SortedMap<String, Long> steps,
    SortedMap<MemberName, EndOfWal> counted,
    boolean automatic,
    Loss loss) {

  /** Copies the maps. */
  public FailoverReport {
    steps = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(steps));
    counted = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(counted));
  }

  /** Without an election, as somebody asked. */
  public FailoverReport(
      Epoch epoch,
      String cause,
      String at,
      Optional<MemberName> oldPrimary,
      MemberName newPrimary,
      TimelineId oldTimeline,
      TimelineId newTimeline,
      Lsn promotedAt,
      SortedMap<String, Long> steps,
      Loss loss) {
    this(
        epoch,
        cause,
        at,
        oldPrimary,
        newPrimary,
        oldTimeline,
        newTimeline,
        promotedAt,
        steps,
        new TreeMap<>(),
        false,
        loss);
  }

  /** What was lost. */
  public sealed interface Loss {
    /** The old primary has not been seen since. */
    record NotYetKnown() implements Loss {}

    /** Nothing. */
    record None() implements Loss {}

    /** WAL from {@code from} to {@code to} on the old timeline, with so many commits. */
    record Range(Lsn from, Lsn to, long commits, Optional<String> keptAt) implements Loss {}

    /** The old primary's directory is gone or could not be read: it cannot be told. */
    record CannotBeKnown(String reason) implements Loss {}
  }

  /** The same with the times of its steps, once there is something to write of. */
  public FailoverReport withSteps(SortedMap<String, Long> taken) {
    return new FailoverReport(
        epoch,
        cause,
        at,
        oldPrimary,
        newPrimary,
        oldTimeline,
        newTimeline,
        promotedAt,
        taken,
        counted,
        automatic,
        loss);
  }

  /** The same with the loss now known. */
  public FailoverReport withLoss(Loss known) {
    return new FailoverReport(
        epoch,
        cause,
        at,
        oldPrimary,
        newPrimary,
        oldTimeline,
        newTimeline,
        promotedAt,
        steps,
        counted,
        automatic,
        known);
  }
}
