package io.quorate.ha.postgres;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Notices the end of one process at once, also of one that this program did not start: a thread
 * waits on its descriptor.
 */
final class ProcessWatch {

  private final long pid;
  private final int pidfd;
  private final CountDownLatch ended = new CountDownLatch(1);

  private ProcessWatch(long pid, int pidfd) {
    this.pid = pid;
    this.pidfd = pidfd;
  }

  /**
   * Watches {@code pid}. On its end first {@code atEnd} runs, then whoever waits goes on, then
   * {@code after} runs; both on the watch's own thread.
   */
  static ProcessWatch of(long pid, Runnable atEnd, Runnable after) {
    ProcessWatch watch = new ProcessWatch(pid, Native.pidfdOpen(pid));
    Thread.ofPlatform()
        .daemon(true)
        .name("quorate-watch-" + pid)
        .start(() -> watch.run(atEnd, after));
    return watch;
  }

  private void run(Runnable atEnd, Runnable after) {
    if (pidfd >= 0) {
      while (!Native.awaitExit(pidfd, -1)) {
        // A signal ended the wait; the process lives.
      }
      Native.close(pidfd);
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
