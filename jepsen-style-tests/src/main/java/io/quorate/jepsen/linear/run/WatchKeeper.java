package io.quorate.jepsen.linear.run;

import io.quorate.jepsen.linear.WatchChecker.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A watch at each member, begun anew where the process is another, or history was compacted. */
final class WatchKeeper {

  private record Current(StoreMember member, WatchLog log) {}

  private final StoreGroup group;
  private final String prefix;
  private final long from;
  private final Map<Integer, Current> current = new TreeMap<>();
  private final List<WatchLog> logs = new ArrayList<>();

  WatchKeeper(StoreGroup group, String prefix, long from) {
    this.group = group;
    this.prefix = prefix;
    this.from = from;
  }

  /** Looks after all. */
  void tend() {
    for (int i = 1; i <= StoreGroup.SIZE; i++) {
      StoreMember member = group.member(i);
      Current now = current.get(i);
      if (!member.alive() || !member.ready().isDone()) {
        continue;
      }
      if (now == null || !now.member().equals(member)) {
        begin(i, member, from);
      } else if (now.log().compacted().isPresent()) {
        begin(i, member, now.log().compacted().getAsLong());
      }
    }
  }

  private void begin(int index, StoreMember member, long since) {
    WatchLog log = new WatchLog(member.name() + "#" + logs.size(), since);
    logs.add(log);
    current.put(index, new Current(member, log));
    member.watch(prefix, since, log);
  }

  /** Whether every member's watch has come so far. */
  boolean reached(long revision) {
    tend();
    return current.size() == StoreGroup.SIZE
        && current.values().stream().allMatch(c -> c.log().last() >= revision);
  }

  /** All that was delivered. */
  List<Watch> watches() {
    return logs.stream().map(WatchLog::watch).toList();
  }
}
