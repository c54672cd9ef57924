package io.quorate.store.machine;

/** A place in the replicated log. */
public record Position(long term, long index) {
  /** Before the first entry. */
  public static final Position START = new Position(0, 0);
}
