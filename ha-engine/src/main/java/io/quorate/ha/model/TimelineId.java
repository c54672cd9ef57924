package io.quorate.ha.model;

/**
 * A PostgreSQL timeline id, from 1. Identifies a history only together with its epoch: see {@link
 * Branch}.
 */
public record TimelineId(int value) implements Comparable<TimelineId> {

  /** The timeline that initdb makes. */
  public static final TimelineId FIRST = new TimelineId(1);

  /** Checks the range: 1 and above. */
  public TimelineId {
    if (value < 1) {
      throw new IllegalArgumentException("timeline id must be at least 1: " + value);
    }
  }

  /** The next id. */
  public TimelineId next() {
    return new TimelineId(Math.addExact(value, 1));
  }

  @Override
  public int compareTo(TimelineId other) {
    return Integer.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
