package io.quorate.store.local;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Runs what is handed in one after another, in that order, on threads of an executor. */
final class SerialDelivery {
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private boolean draining;

  SerialDelivery(Executor executor) {
    this.executor = executor;
  }

  /** Queues {@code task}; it runs only after {@link #flush()}, so a lock may be held here. */
  void add(Runnable task) {
    lock.lock();
    try {
      queue.add(task);
    } finally {
      lock.unlock();
    }
  }

  /** Sees to it that what is queued runs. Not to be called with a lock that a task may want. */
  void flush() {
    lock.lock();
    try {
      if (draining || queue.isEmpty()) {
        return;
      }
      draining = true;
    } finally {
      lock.unlock();
    }
    executor.execute(this::drain);
  }

  private void drain() {
    for (Runnable task = next(); task != null; task = next()) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // A listener's mistake is its own; the others get what is theirs.
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      }
    }
  }

  private @Nullable Runnable next() {
    lock.lock();
    try {
      Runnable task = queue.poll();
      draining = task != null;
      return task;
    } finally {
      lock.unlock();
    }
  }
}
