package io.quorate.jepsen.sim.postgres;

/**
 * A record of WAL. Two records of one timeline and position that are not this same object are
 * different bytes at one place, which PostgreSQL cannot tell.
 *
 * @param start position of its first byte
 * @param end position after its last byte
 * @param commit number of the transaction that it commits; 0 for any other record
 * @param writer host that wrote it
 */
public record WalRecord(int timeline, long start, long end, long commit, String writer) {
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(end) * 31 + timeline;
  }
}
