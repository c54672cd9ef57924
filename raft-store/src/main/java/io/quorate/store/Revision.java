package io.quorate.store;

/**
 * A point in the store's history: 1 when empty, +1 per mutating transaction (as etcd counts). 0
 * means "none": the mod revision of an absent key in a compare, the current revision in a query.
 */
public record Revision(long value) implements Comparable<Revision> {

  /** Absent, or "current", by context. */
  public static final Revision NONE = new Revision(0);

  /** Checks the range: 0 and above. */
  public Revision {
    if (value < 0) {
      throw new IllegalArgumentException("revision must not be negative: " + value);
    }
  }

  @Override
  public int compareTo(Revision other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
