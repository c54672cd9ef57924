package io.quorate.jepsen.real;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition of another process, for which there is no event to wait on. */
final class Patience {

  private static final Duration STEP = Duration.ofMillis(10);

  private Patience() {}

  /**
   * Returns once {@code condition} holds.
   *
   * @throws AssertionError with {@code what} and {@code evidence} when {@code bound} has passed
   */
  static void await(
      String what, Duration bound, BooleanSupplier condition, Supplier<String> evidence) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - began > bound.toNanos()) {
        throw new AssertionError("not within " + bound + ": " + what + "\n" + evidence.get());
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
  }

  /**
   * Returns once {@code condition} has held all the time for {@code span}.
   *
   * @throws AssertionError with {@code what} and {@code evidence} as soon as it does not hold
   */
  static void keeps(
      String what, Duration span, BooleanSupplier condition, Supplier<String> evidence) {
    long began = System.nanoTime();
    while (System.nanoTime() - began < span.toNanos()) {
      if (!condition.getAsBoolean()) {
        throw new AssertionError("not for all of " + span + ": " + what + "\n" + evidence.get());
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
  }
}
