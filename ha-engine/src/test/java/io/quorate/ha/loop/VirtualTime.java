package io.quorate.ha.loop;

import io.quorate.time.BootTime;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that goes on only when it is told to. */
final class VirtualTime implements TaskScheduler {
  private record Entry(BootTime due, long sequence, Runnable task) {}

  private final PriorityQueue<Entry> queue =
      new PriorityQueue<>(Comparator.comparing(Entry::due).thenComparingLong(Entry::sequence));
  private BootTime now = new BootTime(1);
  private long sequence;

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    Entry entry = new Entry(now.plus(delay), sequence++, task);
    queue.add(entry);
    return () -> queue.remove(entry);
  }

  BootTime now() {
    return now;
  }

  void advance(Duration by) {
    BootTime until = now.plus(by);
    while (!queue.isEmpty() && !until.isBefore(queue.peek().due())) {
      Entry next = queue.remove();
      now = now.isBefore(next.due()) ? next.due() : now;
      next.task().run();
    }
    now = until;
  }
}
