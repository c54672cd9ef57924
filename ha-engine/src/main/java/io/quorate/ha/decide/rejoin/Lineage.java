package io.quorate.ha.decide.rejoin;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;

/**
 * The one history that counts: the stretches of WAL from the first branch to the latest, each with
 * the position at which the next forked off. A longer position on a fork that is not part of it
 * means nothing.
 */
public final class Lineage {

  private final List<Branch> stretches;

  private Lineage(List<Branch> stretches) {
    this.stretches = stretches;
  }

  /** The history of the branch with the latest epoch; empty where there is none. */
  public static Lineage latest(SortedMap<TimelineId, Branch> branches) {
    return branches.values().stream()
        .max(Comparator.comparing(Branch::epoch))
        .map(top -> of(branches, top))
        .orElseGet(() -> new Lineage(List.of()));
  }

  /** The history of {@code top}, as far back as the store remembers. */
  public static Lineage of(SortedMap<TimelineId, Branch> branches, Branch top) {
    List<Branch> found = new ArrayList<>();
    Set<TimelineId> seen = new HashSet<>();
    Branch at = top;
    while (at != null && seen.add(at.timeline())) {
      found.add(at);
      at = at.parent().equals(at.timeline()) ? null : branches.get(at.parent());
    }
    Collections.reverse(found);
    return new Lineage(List.copyOf(found));
  }

  /** Number of stretches. */
  public int size() {
    return stretches.size();
  }

  /**
   * Where in this history {@code end} lies: the number of its stretch from 0, the higher the later;
   * empty when it lies outside, on another fork or beyond the point where the next forked off.
   */
  public OptionalInt place(EndOfWal end) {
    for (int i = 0; i < stretches.size(); i++) {
      if (stretches.get(i).timeline().equals(end.timeline())) {
        return endOf(i).filter(next -> end.lsn().compareTo(next) > 0).isPresent()
            ? OptionalInt.empty()
            : OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** How WAL that ends at {@code end} relates to this history. */
  public Relation relation(EndOfWal end, SortedMap<TimelineId, Branch> branches) {
    if (place(end).isPresent()) {
      return new Relation.Within();
    }
    // Walk up from the end's own timeline to the stretch of this history that it departed from.
    TimelineId timeline = end.timeline();
    Lsn departed = end.lsn();
    Set<TimelineId> seen = new HashSet<>();
    while (seen.add(timeline)) {
      int index = indexOf(timeline);
      if (index >= 0) {
        Lsn limit = endOf(index).orElse(departed);
        Lsn fork = departed.compareTo(limit) < 0 ? departed : limit;
        Epoch by =
            index + 1 < stretches.size()
                ? stretches.get(index + 1).epoch()
                : stretches.get(index).epoch();
        return new Relation.Departed(fork, by);
      }
      Branch branch = branches.get(timeline);
      if (branch == null) {
        break;
      }
      departed = branch.fork();
      timeline = branch.parent();
    }
    return new Relation.Unrelated();
  }

  private int indexOf(TimelineId timeline) {
    for (int i = 0; i < stretches.size(); i++) {
      if (stretches.get(i).timeline().equals(timeline)) {
        return i;
      }
    }
    return -1;
  }

  private Optional<Lsn> endOf(int index) {
    return index + 1 < stretches.size()
        ? Optional.of(stretches.get(index + 1).fork())
        : Optional.empty();
  }

  /** How some WAL relates to a history. */
  public sealed interface Relation {
    /** It is a part of it. */
    record Within() implements Relation {}

    /** It left it at {@code fork}; {@code lostTo} is the epoch whose branch took over there. */
    record Departed(Lsn fork, Epoch lostTo) implements Relation {}

    /** No common stretch is known. */
    record Unrelated() implements Relation {}
  }
}
