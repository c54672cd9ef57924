package io.quorate.time;

import java.time.Duration;

/**
 * Runs tasks later. In production a timer thread, in the simulator virtual time.
 *
 * <p>A task must not block: it hands its work to the owner of the state that it concerns.
 */
public interface TaskScheduler {

  /**
   * Runs {@code task} once, not before {@code delay} has passed (a delay of zero or less: as soon
   * as possible, never within this call).
   */
  Cancellable schedule(Duration delay, Runnable task);

  /** A task that can be called off. */
  interface Cancellable {
    /** Calls the task off; no effect when it ran already. Safe from any thread. */
    void cancel();
  }
}
