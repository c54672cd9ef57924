package io.quorate.ha.decide;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * WAL as a plain list: the timeline of each unit that a member has. What takes reasoning about
 * branches is here a comparison unit by unit.
 */
final class NaiveHistory {

  private static final long UNIT = 0x100;

  final List<List<Integer>> members = new ArrayList<>();
  final SortedMap<TimelineId, Branch> branches = new TreeMap<>();
  List<Integer> history = new ArrayList<>();
  Epoch epoch = new Epoch(10);
  private int primary;

  /** {@code count} members through a few changes of primary. */
  static NaiveHistory draw(Random random, int count) {
    NaiveHistory world = new NaiveHistory();
    for (int i = 0; i < count; i++) {
      world.members.add(new ArrayList<>());
    }
    world.primary = random.nextInt(count);
    world.write(world.primary, 1, 1 + random.nextInt(4));
    world.branches.put(
        TimelineId.FIRST, new Branch(world.epoch, TimelineId.FIRST, TimelineId.FIRST, Lsn.INVALID));
    world.history = world.members.get(world.primary);
    int changes = random.nextInt(5);
    for (int timeline = 2; timeline < 2 + changes; timeline++) {
      world.replicate(random);
      int winner = world.anyWithin(random);
      world.epoch = new Epoch(world.epoch.value() + 10);
      world.branches.put(
          new TimelineId(timeline),
          new Branch(
              world.epoch,
              new TimelineId(timeline),
              world.end(winner).timeline(),
              world.end(winner).lsn()));
      // The former primary, where it is not the winner, writes on for a while on what is lost.
      if (world.primary != winner) {
        append(world.history, world.history.getLast(), random.nextInt(3));
      }
      world.primary = winner;
      world.write(winner, timeline, random.nextInt(4));
      world.history = world.members.get(winner);
    }
    world.replicate(random);
    return world;
  }

  /** Some receive, up to somewhere; a copy is made of who is not on the history. */
  private void replicate(Random random) {
    for (int i = 0; i < members.size(); i++) {
      List<Integer> member = members.get(i);
      if (i != primary && random.nextInt(3) > 0) {
        int least = isPrefix(member) ? member.size() : 0;
        int most = history.size();
        int upTo = Math.max(1, least + random.nextInt(most - least + 1));
        member.clear();
        member.addAll(history.subList(0, upTo));
      }
    }
  }

  private int anyWithin(Random random) {
    List<Integer> within = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      if (!members.get(i).isEmpty() && isPrefix(members.get(i))) {
        within.add(i);
      }
    }
    return within.get(random.nextInt(within.size()));
  }

  private void write(int member, int timeline, int units) {
    append(members.get(member), timeline, units);
  }

  private static void append(List<Integer> wal, int timeline, int units) {
    for (int i = 0; i < units; i++) {
      wal.add(timeline);
    }
  }

  /** Whether all that the member has is history. */
  boolean isPrefix(List<Integer> wal) {
    return common(wal) == wal.size();
  }

  /** Number of units that the member shares with the history. */
  int common(List<Integer> wal) {
    int same = 0;
    while (same < wal.size() && same < history.size() && wal.get(same).equals(history.get(same))) {
      same++;
    }
    return same;
  }

  static Lsn lsn(int units) {
    return new Lsn(units * UNIT);
  }

  EndOfWal end(int member) {
    List<Integer> wal = members.get(member);
    return new EndOfWal(new TimelineId(wal.getLast()), lsn(wal.size()));
  }

  /** The branch that history ends with. */
  Branch top() {
    return branches.values().stream()
        .filter(branch -> branch.epoch().equals(epoch))
        .findFirst()
        .orElseThrow();
  }
}
