package io.quorate.jepsen.sim.kernel;

import io.quorate.time.BootTime;
import io.quorate.time.TaskScheduler;
import java.time.Duration;

/** Timers of one process by its host's clock; a little late, as timers are. */
public final class SimScheduler implements TaskScheduler {

  private final SimKernel kernel;
  private final SimProcess process;
  private final SimClock clock;

  /** Timers of {@code process}. */
  public SimScheduler(SimKernel kernel, SimProcess process, SimClock clock) {
    this.kernel = kernel;
    this.process = process;
    this.clock = clock;
  }

  private static final class Timer implements Cancellable {
    private Runnable pending = () -> {};
    private boolean cancelled;

    @Override
    public void cancel() {
      cancelled = true;
      pending.run();
    }
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    Timer timer = new Timer();
    await(timer, clock.now().plus(delay.isNegative() ? Duration.ZERO : delay), task);
    return timer;
  }

  private void await(Timer timer, BootTime due, Runnable task) {
    Duration left = clock.now().until(due);
    long wait = (left.isPositive() ? clock.trueNanos(left) : 0) + kernel.micros(0, 500);
    timer.pending =
        kernel.schedule(
            process,
            wait,
            () -> {
              if (timer.cancelled) {
                return;
              }
              if (clock.now().isBefore(due)) {
                // The clock was slowed down meanwhile.
                await(timer, due, task);
              } else {
                task.run();
              }
            });
  }
}
