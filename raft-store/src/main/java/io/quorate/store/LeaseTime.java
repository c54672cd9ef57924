package io.quorate.store;

import java.time.Duration;

/**
 * A lease's time.
 *
 * @param granted its full time to live; zero where there is no such lease
 * @param remaining what is left of it, by the leader's clock
 * @param index place in the log that a copy must have reached to know the lease's keys as of then
 */
public record LeaseTime(Duration granted, Duration remaining, long index) {

  /** Whether the lease exists. */
  public boolean exists() {
    return granted.isPositive();
  }
}
