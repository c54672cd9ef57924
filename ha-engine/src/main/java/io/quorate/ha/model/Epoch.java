package io.quorate.ha.model;

/**
 * The fencing token of a primary: the create revision of its {@code leader} key, which is also the
 * mod revision of the {@code quorate/epoch} key that its acquisition wrote. 0 = before the first.
 * The ended epoch names the election round that follows it.
 */
public record Epoch(long value) implements Comparable<Epoch> {

  /** Before any primary. */
  public static final Epoch NONE = new Epoch(0);

  /** Checks the range: 0 and above. */
  public Epoch {
    if (value < 0) {
      throw new IllegalArgumentException("epoch must not be negative: " + value);
    }
  }

  /** Whether this epoch came after {@code other}. */
  public boolean isAfter(Epoch other) {
    return value > other.value;
  }

  /** The largest floor under which a member may still follow this epoch. */
  public Epoch before() {
    return new Epoch(Math.max(0, value - 1));
  }

  @Override
  public int compareTo(Epoch other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
