package io.quorate.time;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes only when told to. One thread. */
public final class VirtualTime implements MonotonicClock, TaskScheduler {
  private final PriorityQueue<Entry> queue =
      new PriorityQueue<>(Comparator.comparing(Entry::due).thenComparingLong(Entry::sequence));
  private BootTime now = new BootTime(1_000_000_000_000L);
  private long sequence;

  private record Entry(BootTime due, long sequence, Runnable task) {}

  @Override
  public BootTime now() {
    return now;
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    sequence++;
    Entry entry = new Entry(now.plus(delay.isNegative() ? Duration.ZERO : delay), sequence, task);
    queue.add(entry);
    return () -> queue.remove(entry);
  }

  /** Lets {@code duration} pass and runs, at their times, the tasks that come due. */
  public void advance(Duration duration) {
    BootTime end = now.plus(duration);
    for (Entry next = queue.peek(); next != null && !end.isBefore(next.due); next = queue.peek()) {
      queue.remove(next);
      now = now.isBefore(next.due) ? next.due : now;
      next.task.run();
    }
    now = end;
  }

  /** Lets {@code duration} pass in which nothing runs, as if the machine stood still. */
  public void freeze(Duration duration) {
    now = now.plus(duration);
  }

  /** Number of tasks to come. */
  public int pending() {
    return queue.size();
  }
}
