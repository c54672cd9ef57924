package io.quorate.jepsen.sim.postgres;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The WAL of a data directory from its beginning, as one list across its timelines. */
public final class Wal {

  /** Position of the first record. */
  static final long FIRST = 0x100_0028L;

  private final List<WalRecord> records;

  Wal() {
    this(new ArrayList<>());
  }

  private Wal(List<WalRecord> records) {
    this.records = records;
  }

  Wal copy() {
    return new Wal(new ArrayList<>(records));
  }

  /** Number of records. */
  public int size() {
    return records.size();
  }

  /** All records. */
  public List<WalRecord> records() {
    return records;
  }

  void append(WalRecord record) {
    records.add(record);
  }

  /** What belongs to no history of the cluster's. */
  WalRecord append(int timeline, int length, String writer) {
    WalRecord record = new WalRecord(timeline, endLsn(), endLsn() + length, 0, writer);
    append(record);
    return record;
  }

  long endLsn() {
    return records.isEmpty() ? FIRST : records.getLast().end();
  }

  int timeline() {
    return records.isEmpty() ? 1 : records.getLast().timeline();
  }

  /** Where it ends. */
  public EndOfWal end() {
    return new EndOfWal(new TimelineId(timeline()), new Lsn(endLsn()));
  }

  /** Records from number {@code index} on. */
  List<WalRecord> from(int index) {
    return List.copyOf(records.subList(index, records.size()));
  }

  /** Whether the other has all of this, and the same. */
  boolean isPrefixOf(Wal other) {
    return records.isEmpty()
        || (records.size() <= other.records.size()
            && other.records.get(records.size() - 1).equals(records.getLast()));
  }

  boolean hasTimeline(int timeline) {
    return records.stream().anyMatch(record -> record.timeline() == timeline);
  }

  /** Where this history left {@code timeline} for another; empty where it did not. */
  OptionalLong switchPoint(int timeline) {
    if (timeline() == timeline) {
      return OptionalLong.empty();
    }
    for (int i = records.size() - 1; i >= 0; i--) {
      if (records.get(i).timeline() == timeline) {
        return OptionalLong.of(records.get(i).end());
      }
    }
    return OptionalLong.empty();
  }

  /**
   * Where PostgreSQL, which knows timelines and not contents, believes that the two histories part.
   */
  long divergenceByTimelines(Wal other) {
    long common = FIRST;
    int i = 0;
    int j = 0;
    while (i < records.size()
        && j < other.records.size()
        && records.get(i).timeline() == other.records.get(j).timeline()
        && records.get(i).start() == other.records.get(j).start()) {
      int timeline = records.get(i).timeline();
      while (i < records.size() && records.get(i).timeline() == timeline) {
        i++;
      }
      while (j < other.records.size() && other.records.get(j).timeline() == timeline) {
        j++;
      }
      long mine = records.get(i - 1).end();
      long theirs = other.records.get(j - 1).end();
      common = Math.min(mine, theirs);
      if (mine != theirs) {
        break;
      }
    }
    return common;
  }

  /** Number of records that end at or before {@code lsn}. */
  int countUpTo(long lsn) {
    int low = 0;
    int high = records.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (records.get(middle).end() <= lsn) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Number of commits after {@code from} up to {@code to}. */
  long commits(long from, long to) {
    return records.stream()
        .filter(record -> record.commit() != 0 && record.end() > from && record.end() <= to)
        .count();
  }
}
