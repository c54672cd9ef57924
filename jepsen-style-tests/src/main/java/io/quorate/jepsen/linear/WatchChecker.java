package io.quorate.jepsen.linear;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whether watches delivered every change once, in the order of revisions, and nothing else; and
 * whether a write with a value of its own took effect at most once, however often it was retried.
 */
public final class WatchChecker {

  private WatchChecker() {}

  /**
   * A change as a watch delivered it.
   *
   * @param value empty: the key was deleted
   */
  public record Change(long revision, String key, Optional<String> value) {}

  /**
   * A watch from its first change on.
   *
   * @param from first revision that it was to deliver
   * @param to last revision that it surely had time to deliver
   */
  public record Watch(String name, long from, long to, List<Change> changes) {
    /** Copies the list. */
    public Watch {
      changes = List.copyOf(changes);
    }
  }

  /**
   * A put as its client saw it.
   *
   * @param revision empty: nothing is known of it
   */
  public record Written(String key, String value, Optional<Long> revision) {}

  /** What is wrong; empty if nothing is. The values of {@code written} must be all different. */
  public static List<String> faults(List<Watch> watches, List<Written> written) {
    List<String> faults = new ArrayList<>();
    Map<Long, Map<String, Change>> truth = new TreeMap<>();
    for (Watch watch : watches) {
      inOrder(watch, faults);
      agreeing(watch, truth, faults);
    }
    Map<String, Written> byValue = new HashMap<>();
    for (Written write : written) {
      if (byValue.put(write.value(), write) != null) {
        throw new IllegalArgumentException("the value " + write.value() + " was written twice");
      }
    }
    for (Watch watch : watches) {
      onceAndKnown(watch, byValue, faults);
      complete(watch, truth, written, faults);
    }
    return faults;
  }

  private static void inOrder(Watch watch, List<String> faults) {
    long last = watch.from() - 1;
    for (Change change : watch.changes()) {
      if (change.revision() < last) {
        faults.add(watch.name() + ": " + change + " after revision " + last);
      }
      last = change.revision();
    }
  }

  /** One revision has the same changes for all who watch. */
  private static void agreeing(
      Watch watch, Map<Long, Map<String, Change>> truth, List<String> faults) {
    Map<Long, Map<String, Change>> own = new TreeMap<>();
    for (Change change : watch.changes()) {
      Change other =
          own.computeIfAbsent(change.revision(), _ -> new TreeMap<>()).put(change.key(), change);
      if (other != null) {
        faults.add(watch.name() + ": " + other + " is followed by " + change);
      }
    }
    own.forEach((revision, changes) -> {
      Map<String, Change> others = truth.putIfAbsent(revision, changes);
      if (others != null && !others.equals(changes)) {
        faults.add(watch.name() + ": " + changes + " where another watch has " + others);
      }
    });
  }

  private static void onceAndKnown(Watch watch, Map<String, Written> byValue, List<String> faults) {
    Map<String, Change> seen = new HashMap<>();
    for (Change change : watch.changes()) {
      if (change.value().isEmpty()) {
        continue;
      }
      String value = change.value().get();
      Change before = seen.put(value, change);
      if (before != null) {
        faults.add(watch.name() + ": " + value + " took effect twice: " + before + ", " + change);
      }
      Written write = byValue.get(value);
      if (write == null || !write.key().equals(change.key())) {
        faults.add(watch.name() + ": " + change + " was never written");
      } else if (write.revision().filter(r -> r != change.revision()).isPresent()) {
        faults.add(watch.name() + ": " + change + " answers " + write);
      }
    }
  }

  private static void complete(
      Watch watch,
      Map<Long, Map<String, Change>> truth,
      List<Written> written,
      List<String> faults) {
    TreeMap<Long, List<Change>> own = new TreeMap<>();
    watch.changes().forEach(c -> own.computeIfAbsent(c.revision(), _ -> new ArrayList<>()).add(c));
    for (Long revision : truth.keySet()) {
      if (revision >= watch.from() && revision <= watch.to() && !own.containsKey(revision)) {
        faults.add(watch.name() + ": nothing of revision " + revision);
      }
    }
    for (Written write : written) {
      write
          .revision()
          .filter(r -> r >= watch.from() && r <= watch.to() && !own.containsKey(r))
          .ifPresent(r -> faults.add(watch.name() + ": nothing of " + write));
    }
  }
}
