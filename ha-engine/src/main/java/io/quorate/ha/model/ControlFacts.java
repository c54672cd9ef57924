package io.quorate.ha.model;

/**
 * What {@code pg_controldata} says of a data directory.
 *
 * @param checkpointTimeline timeline of the latest checkpoint: lags behind the end of WAL
 */
public record ControlFacts(
    long systemIdentifier, ClusterState state, TimelineId checkpointTimeline, Lsn checkpoint) {

  /** PostgreSQL's "Database cluster state". */
  public enum ClusterState {
    STARTING_UP,
    SHUT_DOWN,
    SHUT_DOWN_IN_RECOVERY,
    SHUTTING_DOWN,
    IN_CRASH_RECOVERY,
    IN_ARCHIVE_RECOVERY,
    IN_PRODUCTION
  }
}
