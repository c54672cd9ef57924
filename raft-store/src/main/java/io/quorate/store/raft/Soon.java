package io.quorate.store.raft;

import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Waits a little for the own copy to come as far as others have. */
final class Soon {
  /** Raft brings what is committed within a millisecond or so where it is well. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final TaskScheduler scheduler;

  Soon(TaskScheduler scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * Whether it came to pass in time.
   *
   * @param when runs what it is given once it has, and gives what makes it forget about it
   */
  CompletableFuture<Boolean> happens(Function<Runnable, Runnable> when) {
    CompletableFuture<Boolean> future = new CompletableFuture<>();
    Runnable forget = when.apply(() -> future.complete(true));
    if (!future.isDone()) {
      TaskScheduler.Cancellable timer =
          scheduler.schedule(
              PATIENCE,
              () -> {
                if (future.complete(false)) {
                  forget.run();
                }
              });
      var _ = future.thenRun(timer::cancel);
    }
    return future;
  }
}
