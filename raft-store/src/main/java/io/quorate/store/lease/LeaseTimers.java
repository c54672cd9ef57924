package io.quorate.store.lease;

import io.quorate.store.LeaseId;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The leases of one term by the time at which something is to be done about them. */
final class LeaseTimers {

  /** One lease's time. Changed only through {@link LeaseTimers}, which keeps the order. */
  static final class Timer {
    final LeaseId id;
    final long generation;
    final long ttlMillis;

    /** When the lease ends; once dead, when its expiry is to be proposed again. */
    private BootTime due;

    /** Whether the leader has decided, for the rest of its term, that the lease is over. */
    private boolean dead;

    private Timer(LeaseId id, long generation, long ttlMillis, BootTime due) {
      this.id = id;
      this.generation = generation;
      this.ttlMillis = ttlMillis;
      this.due = due;
    }

    boolean dead() {
      return dead;
    }

    BootTime due() {
      return due;
    }

    Duration ttl() {
      return Duration.ofMillis(ttlMillis);
    }
  }

  private static final Comparator<Timer> ORDER =
      Comparator.comparing(Timer::due).thenComparingLong(timer -> timer.id.value());

  private final TreeMap<Long, Timer> byId = new TreeMap<>();
  private final TreeSet<Timer> byDue = new TreeSet<>(ORDER);

  boolean isEmpty() {
    return byId.isEmpty();
  }

  @Nullable Timer find(LeaseId id) {
    return byId.get(id.value());
  }

  /** Begins the time of a lease; an earlier generation of it is forgotten. */
  void start(LeaseId id, long generation, long ttlMillis, BootTime now) {
    remove(byId.get(id.value()));
    Timer timer = new Timer(id, generation, ttlMillis, later(now, ttlMillis));
    byId.put(id.value(), timer);
    byDue.add(timer);
  }

  void extend(Timer timer, BootTime now) {
    BootTime until = later(now, timer.ttlMillis);
    if (timer.due.isBefore(until)) {
      move(timer, until, false);
    }
  }

  void declareDead(Timer timer, BootTime reproposeAt) {
    move(timer, reproposeAt, true);
  }

  void revive(Timer timer, BootTime now) {
    move(timer, later(now, timer.ttlMillis), false);
  }

  /** Gives every living lease its full time to live. */
  void refresh(BootTime now) {
    for (Timer timer : List.copyOf(byId.values())) {
      if (!timer.dead) {
        extend(timer, now);
      }
    }
  }

  void end(LeaseId id, long generation) {
    Timer timer = byId.get(id.value());
    if (timer != null && timer.generation == generation) {
      remove(timer);
    }
  }

  void clear() {
    byId.clear();
    byDue.clear();
  }

  /** At most {@code limit} timers that are due, the longest overdue first. */
  List<Timer> due(BootTime now, int limit) {
    List<Timer> due = new ArrayList<>();
    for (Timer timer : byDue) {
      if (now.isBefore(timer.due) || due.size() >= limit) {
        break;
      }
      due.add(timer);
    }
    return due;
  }

  Optional<BootTime> next() {
    return byDue.isEmpty() ? Optional.empty() : Optional.of(byDue.first().due);
  }

  private void remove(@Nullable Timer timer) {
    if (timer != null) {
      byDue.remove(timer);
      byId.remove(timer.id.value());
    }
  }

  private void move(Timer timer, BootTime due, boolean dead) {
    byDue.remove(timer);
    timer.due = due;
    timer.dead = dead;
    byDue.add(timer);
  }

  /** Centuries do not fit into nanoseconds; the end of time will do. */
  private static BootTime later(BootTime now, long millis) {
    long room = Long.MAX_VALUE - Math.max(0, now.nanos());
    return millis > room / 1_000_000
        ? new BootTime(Long.MAX_VALUE)
        : now.plus(Duration.ofMillis(millis));
  }
}
