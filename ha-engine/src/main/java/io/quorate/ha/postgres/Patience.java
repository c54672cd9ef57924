package io.quorate.ha.postgres;

import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what tells of itself in no other way than by being looked at. */
final class Patience {

  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

  private final MonotonicClock clock;

  Patience(MonotonicClock clock) {
    this.clock = clock;
  }

  /** Looks every 3 ms until {@code condition} holds; false once {@code bound} has passed. */
  boolean until(Duration bound, BooleanSupplier condition) {
    BootTime end = clock.now().plus(bound);
    while (true) {
      if (condition.getAsBoolean()) {
        return true;
      }
      if (!clock.now().isBefore(end)) {
        return false;
      }
      LockSupport.parkNanos(STEP_NANOS);
      if (Thread.currentThread().isInterrupted()) {
        throw new PostgresFailure("the agent ends");
      }
    }
  }

  /** Time from {@code began} until now. */
  Duration since(BootTime began) {
    return began.until(clock.now());
  }

  BootTime now() {
    return clock.now();
  }
}
