package io.quorate.jepsen.sim.postgres;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Knows every record ever written, and notes when histories are mixed up. */
public final class WalJournal {

  private record Place(long system, int timeline, long start) {}

  private final Map<Place, WalRecord> written = new HashMap<>();
  private final List<String> mixed = new ArrayList<>();

  WalRecord write(long system, Wal wal, int timeline, int length, long commit, String writer) {
    long start = wal.endLsn();
    WalRecord record = new WalRecord(timeline, start, start + length, commit, writer);
    WalRecord other = written.putIfAbsent(new Place(system, timeline, start), record);
    if (other != null) {
      mixed(
          writer
              + " writes other bytes to timeline "
              + timeline
              + " at "
              + Long.toHexString(start)
              + " than "
              + other.writer()
              + " did");
    }
    wal.append(record);
    return record;
  }

  void mixed(String what) {
    mixed.add(what);
  }

  /** Every time that bytes of two histories came, or could come, together. */
  public List<String> mixed() {
    return mixed;
  }
}
