package io.quorate.store.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;

/** Those who wait for this replica to have applied the log up to some index. */
final class AppliedWaiters {
  private record Waiter(long index, long order, Runnable then) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final PriorityQueue<Waiter> waiters =
      new PriorityQueue<>((a, b) ->
          a.index() == b.index()
              ? Long.compare(a.order(), b.order())
              : Long.compare(a.index(), b.index()));
  private long orders;
  private volatile long applied = RaftIndex.NONE;

  /** The last index known to be applied. */
  long applied() {
    return applied;
  }

  /**
   * Runs {@code then} once {@code index} is applied, perhaps within this call.
   *
   * @return makes it forget about it
   */
  Runnable when(long index, Runnable then) {
    if (applied < index) {
      lock.lock();
      try {
        if (applied < index) {
          Waiter waiter = new Waiter(index, orders, then);
          waiters.add(waiter);
          orders++;
          return () -> forget(waiter);
        }
      } finally {
        lock.unlock();
      }
    }
    then.run();
    return () -> {};
  }

  private void forget(Waiter waiter) {
    lock.lock();
    try {
      waiters.remove(waiter);
    } finally {
      lock.unlock();
    }
  }

  /** The log is applied up to {@code index}; it goes back only when a replica starts over. */
  void advance(long index) {
    List<Waiter> due = List.of();
    lock.lock();
    try {
      applied = index;
      if (!waiters.isEmpty() && waiters.peek().index() <= index) {
        due = take(index);
      }
    } finally {
      lock.unlock();
    }
    due.forEach(waiter -> waiter.then().run());
  }

  private List<Waiter> take(long index) {
    List<Waiter> due = new ArrayList<>();
    for (Waiter next = waiters.peek();
        next != null && next.index() <= index;
        next = waiters.peek()) {
      due.add(next);
      waiters.poll();
    }
    return due;
  }
}
