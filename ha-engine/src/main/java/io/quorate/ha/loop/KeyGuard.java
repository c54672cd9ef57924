package io.quorate.ha.loop;

import io.quorate.store.Bytes;
import io.quorate.store.Outcome;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Has the store guard the cluster's keys: the leader's key, pledges, the record of epochs and all
 * else below the cluster's prefix is written by members only. A client that could write them, or
 * end or extend the lease under the leader's key, could make two primaries.
 */
final class KeyGuard {

  private static final Duration RETRY = Duration.ofMillis(200);

  private final Store store;
  private final TaskScheduler scheduler;
  private final Executor executor;
  private final Bytes prefix;
  private final CompletableFuture<Revision> guarded = new CompletableFuture<>();
  private volatile boolean closed;

  KeyGuard(Store store, TaskScheduler scheduler, Executor executor, Bytes prefix) {
    this.store = store;
    this.scheduler = scheduler;
    this.executor = executor;
    this.prefix = prefix;
  }

  /** Asks until it is done; asking again, also at each start, does no harm. */
  void start() {
    var _ =
        store
            .guardPrefix(prefix)
            .thenAccept(outcome -> {
              if (outcome instanceof Outcome.Done<Revision>(Revision at)) {
                guarded.complete(at);
              } else if (!closed) {
                scheduler.schedule(RETRY, () -> executor.execute(this::again));
              }
            });
  }

  private void again() {
    if (!closed) {
      start();
    }
  }

  void close() {
    closed = true;
  }

  /** Completes once the guard stands in the replicated state. */
  CompletionStage<Revision> guarded() {
    return guarded;
  }
}
