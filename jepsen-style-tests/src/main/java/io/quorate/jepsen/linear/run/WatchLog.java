package io.quorate.jepsen.linear.run;

import io.quorate.jepsen.linear.WatchChecker.Change;
import io.quorate.jepsen.linear.WatchChecker.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What one watch delivered. */
final class WatchLog {

  private final String name;
  private final long from;
  private final List<Change> changes = new ArrayList<>();
  private OptionalLong compacted = OptionalLong.empty();

  WatchLog(String name, long from) {
    this.name = name;
    this.from = from;
  }

  synchronized void took(boolean end, String text) {
    String[] words = text.split(" ", -1);
    long revision = Long.parseLong(words[0]);
    if (end) {
      compacted = OptionalLong.of(revision);
    } else {
      changes.add(
          new Change(
              revision,
              words[1],
              words[2].equals(StoreCommands.ABSENT) ? Optional.empty() : Optional.of(words[2])));
    }
  }

  /** Where to go on, once history was compacted under it. */
  synchronized OptionalLong compacted() {
    return compacted;
  }

  synchronized long last() {
    return changes.isEmpty() ? from - 1 : changes.getLast().revision();
  }

  /** All up to its last change. */
  synchronized Watch watch() {
    return new Watch(name, from, last(), changes);
  }
}
