package io.quorate.store.raft;

import io.quorate.store.machine.Position;

/**
 * Raft's log begins with entry 0, the machine's with entry 1; so the position before the first
 * entry has a place, and no session has the id 0.
 */
final class RaftIndex {
  /** Before the first entry. */
  static final long NONE = -1;

  private RaftIndex() {}

  static long toMachine(long raftIndex) {
    return raftIndex + 1;
  }

  static long of(Position position) {
    return position.index() - 1;
  }
}
