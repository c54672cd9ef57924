package io.quorate.jepsen.sim.store;

import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a voter keeps through a crash: term, vote, log, and the state as a snapshot of what it has
 * applied. Index 1 is the first entry.
 */
public final class RaftDisk {

  long term;
  Optional<String> votedFor = Optional.empty();
  final ArrayList<LogEntry> log = new ArrayList<>();
  StoreState state = StoreState.empty(StoreLimits.DEFAULT);

  long lastIndex() {
    return log.size();
  }

  /** Term of the entry at {@code index}; 0 before the first. */
  long termAt(long index) {
    return index == 0 ? 0 : log.get((int) index - 1).term;
  }

  LogEntry at(long index) {
    return log.get((int) index - 1);
  }

  /** Up to {@code limit} entries from {@code index} on. */
  List<LogEntry> from(long index, int limit) {
    int first = (int) index - 1;
    return List.copyOf(log.subList(first, Math.min(log.size(), first + limit)));
  }

  void append(LogEntry entry) {
    log.add(entry);
  }

  /** Drops {@code index} and all after. */
  void truncateFrom(long index) {
    log.subList((int) index - 1, log.size()).clear();
  }

  /** Whether a log that ends with this is at least as complete as this one. */
  boolean atLeastAsComplete(long otherLastTerm, long otherLastIndex) {
    long lastTerm = termAt(lastIndex());
    return otherLastTerm != lastTerm ? otherLastTerm > lastTerm : otherLastIndex >= lastIndex();
  }
}
