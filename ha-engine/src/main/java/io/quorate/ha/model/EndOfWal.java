package io.quorate.ha.model;

/**
 * End of WAL on a member's disk: end of its last valid record and that record's timeline. Found
 * from a startup process that has replayed all local WAL and waits for more, or read from pg_wal;
 * never from PostgreSQL's functions alone, which understate it after a restart.
 */
public record EndOfWal(TimelineId timeline, Lsn lsn) {
  @Override
  public String toString() {
    return lsn + " on timeline " + timeline;
  }
}
