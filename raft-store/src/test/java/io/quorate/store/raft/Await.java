package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what must come true, no longer than a limit that is far above what it takes. */
final class Await {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long LOOK_NANOS = 2_000_000;

  private Await() {}

  /** Waits until {@code condition} holds; fails with {@code what} otherwise. */
  static void until(String what, BooleanSupplier condition) {
    until(() -> what, condition);
  }

  /** Waits until {@code condition} holds; fails with {@code what} otherwise. */
  static void until(Supplier<String> what, BooleanSupplier condition) {
    long limit = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - limit > 0) {
        fail("not within %s: %s", LIMIT, what.get());
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** The value of {@code stage} once it is there. */
  static <T> T value(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("a stage of the store neither may fail nor hang", e);
    }
  }
}
