package io.quorate.ha.postgres;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongToIntFunction;

/**
 * Notices the end of one process at once, also of one that this program did not start: a thread
 * waits on its descriptor.
 */
final class ProcessWatch {

  private static final Duration AGAIN = Duration.ofMillis(100);

  private final long pid;
  private final LongToIntFunction opener;
  private final int pidfd;
  private final CountDownLatch ended = new CountDownLatch(1);

  private ProcessWatch(long pid, LongToIntFunction opener) {
    this.pid = pid;
    this.opener = opener;
    this.pidfd = opener.applyAsInt(pid);
  }

  /**
   * Watches {@code pid}. On its end first {@code atEnd} runs, then whoever waits goes on, then
   * {@code after} runs; both on the watch's own thread.
   */
  static ProcessWatch of(long pid, Runnable atEnd, Runnable after) {
    return of(pid, Native::pidfdOpen, atEnd, after);
  }

  /** The same with {@code opener} for the process' descriptor, or a negative number for none. */
  static ProcessWatch of(long pid, LongToIntFunction opener, Runnable atEnd, Runnable after) {
    ProcessWatch watch = new ProcessWatch(pid, opener);
    Thread.ofPlatform()
        .daemon(true)
        .name("quorate-watch-" + pid)
        .start(() -> watch.run(atEnd, after));
    return watch;
  }

  private void run(Runnable atEnd, Runnable after) {
    int open = pidfd;
    // No descriptor is no proof of an end: this program may have none left, or the kernel may know
    // none of this kind. What is taken for dead has its processes killed.
    while (open < 0 && Native.kill(pid, 0)) {
      LockSupport.parkNanos(AGAIN.toNanos());
      open = opener.applyAsInt(pid);
    }
    if (open >= 0) {
      while (!Native.awaitExit(open, -1)) {
        // A signal ended the wait; the process lives.
      }
      Native.close(open);
    }
    try {
      atEnd.run();
    } finally {
      ended.countDown();
    }
    after.run();
  }

  long pid() {
    return pid;
  }

  boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /** Waits for the end, at most {@code bound}; tells whether it came. */
  boolean awaitEnd(Duration bound) {
    try {
      return ended.await(bound.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return hasEnded();
    }
  }
}
