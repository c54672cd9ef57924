package io.quorate.time;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks at points on the boot clock, on one daemon thread.
 *
 * <p>A thread can only sleep on the clock that stands still during suspension, so the timer never
 * sleeps longer than {@link #SLEEP_MAX_NANOS}: a task that came due while the machine was suspended
 * runs within that time after it woke up.
 */
final class BootTimer {
  private static final long SLEEP_MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final MonotonicClock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final PriorityQueue<Entry> queue =
      new PriorityQueue<>(Comparator.comparing(Entry::due).thenComparingLong(Entry::sequence));
  private final Thread thread;
  private long sequence;
  private boolean closed;

  private record Entry(BootTime due, long sequence, Runnable task) {}

  BootTimer(MonotonicClock clock) {
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("quorate-timer").daemon(true).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  TaskScheduler.Cancellable schedule(Duration delay, Runnable task) {
    BootTime due = later(clock.now(), delay);
    lock.lock();
    try {
      sequence++;
      Entry entry = new Entry(due, sequence, task);
      if (!closed) {
        queue.add(entry);
        changed.signal();
      }
      return () -> cancel(entry);
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      queue.clear();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void cancel(Entry entry) {
    lock.lock();
    try {
      queue.remove(entry);
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    for (Entry entry = take(); entry != null; entry = take()) {
      try {
        entry.task.run();
      } catch (RuntimeException | Error e) {
        // One task's failure must not silence every deadline of the process.
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      }
    }
  }

  /** Waits for the next task; null once closed. */
  private @Nullable Entry take() {
    lock.lock();
    try {
      while (!closed) {
        Entry first = queue.peek();
        long wait = first == null ? Long.MAX_VALUE : clock.now().until(first.due).toNanos();
        if (wait <= 0) {
          return queue.poll();
        }
        try {
          var _ = changed.awaitNanos(first == null ? wait : Math.min(wait, SLEEP_MAX_NANOS));
        } catch (InterruptedException e) {
          // Only close() ends this thread; an interrupt makes it look again and go on.
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private static BootTime later(BootTime now, Duration delay) {
    long room = Long.MAX_VALUE - Math.max(0, now.nanos());
    return delay.compareTo(Duration.ofNanos(room)) >= 0
        ? new BootTime(Long.MAX_VALUE)
        : now.plus(delay);
  }
}
