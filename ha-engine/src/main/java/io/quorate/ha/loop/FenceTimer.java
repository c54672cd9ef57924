package io.quorate.ha.loop;

import io.quorate.ha.port.PostgresControl;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends PostgreSQL at the lease's deadline without asking the loop, which may be busy or stuck. The
 * timer's thread reads one reference and calls the fence; nothing else can delay it.
 */
final class FenceTimer {

  private record Deadline(BootTime at) {}

  private final PostgresControl postgres;
  private final MonotonicClock clock;
  private final TaskScheduler scheduler;
  private final Runnable onFired;
  private final AtomicReference<@Nullable Deadline> armed = new AtomicReference<>();

  FenceTimer(
      PostgresControl postgres, MonotonicClock clock, TaskScheduler scheduler, Runnable onFired) {
    this.postgres = postgres;
    this.clock = clock;
    this.scheduler = scheduler;
    this.onFired = onFired;
  }

  /** Moves the deadline. */
  void arm(BootTime deadline) {
    boolean running = armed.getAndSet(new Deadline(deadline)) != null;
    if (!running) {
      schedule(clock.now().until(deadline));
    }
  }

  /** Nothing to fence any more. */
  void disarm() {
    armed.set(null);
  }

  private void schedule(Duration delay) {
    scheduler.schedule(delay, this::check);
  }

  private void check() {
    Deadline deadline = armed.get();
    if (deadline == null) {
      return;
    }
    Duration left = clock.now().until(deadline.at());
    if (left.isPositive()) {
      schedule(left);
    } else if (armed.compareAndSet(deadline, null)) {
      var _ = postgres.fence("the lease ran out");
      onFired.run();
    } else {
      schedule(Duration.ZERO);
    }
  }
}
