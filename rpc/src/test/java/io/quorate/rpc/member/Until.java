package io.quorate.rpc.member;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what has no event to wait on. */
final class Until {

  private static final long LOOK_NANOS = 2_000_000;

  private Until() {}

  /** Returns how long it took until {@code condition} held; fails when {@code limit} has passed. */
  static Duration holds(Duration limit, BooleanSupplier condition) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - began > limit.toNanos()) {
        throw new AssertionError("not within " + limit);
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
