package io.quorate.store.raft;

import io.quorate.store.Bytes;
import io.quorate.store.ClientStore;
import io.quorate.store.KeyValue;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.store.machine.RevisionEvents;
import io.quorate.store.machine.StoreState;
import io.quorate.store.machine.WatchFilter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** One watch: what it has delivered, and what it has still to deliver. */
final class RunningWatch implements ClientStore.ClientWatch {
  private final WatchQuery query;
  private final WatchFilter filter;
  private final WatchListener listener;
  private final Supplier<StoreState> state;
  private final Executor deliveries;
  private final BiConsumer<WatchQuery, RunningWatch> forget;
  private final LongSupplier announced;

  /** Held while the listener is called, so that closing waits for the call to end. */
  private final ReentrantLock delivering = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();

  /** Everything before this revision was delivered or does not concern this watch. */
  private long next;

  /** What {@link #delivered()} has said. */
  private long highest;

  /** First revision to deliver; 0 when there is none. */
  private long due;

  /** Whether a delivery is under way; true before the beginning, so that none starts. */
  private boolean running = true;

  private Optional<StoreError> ending = Optional.empty();
  private volatile boolean over;

  RunningWatch(
      WatchQuery query,
      WatchListener listener,
      Supplier<StoreState> state,
      Executor deliveries,
      BiConsumer<WatchQuery, RunningWatch> forget,
      LongSupplier announced) {
    this.query = query;
    this.filter = new WatchFilter(query);
    this.listener = listener;
    this.state = state;
    this.deliveries = deliveries;
    this.forget = forget;
    this.announced = announced;
  }

  static Bytes key(WatchEvent event) {
    return switch (event) {
      case WatchEvent.Put(KeyValue current, var _) -> current.key();
      case WatchEvent.Delete(Bytes key, var _, var _) -> key;
    };
  }

  boolean concerns(RevisionEvents events) {
    return !filter.select(events.events()).isEmpty();
  }

  /** Begins to deliver, nothing from before {@code from}. */
  void begin(long from) {
    lock.lock();
    try {
      next = from;
      highest = from - 1;
    } finally {
      lock.unlock();
    }
    deliveries.execute(this::deliver);
  }

  /** There is something to deliver, at {@code revision} first. */
  void due(long revision) {
    boolean start;
    lock.lock();
    try {
      if (due == 0 || revision < due) {
        due = revision;
      }
      start = !running;
      running = true;
    } finally {
      lock.unlock();
    }
    if (start) {
      deliveries.execute(this::deliver);
    }
  }

  /** Ends the watch after what is under way. */
  void end(StoreError reason) {
    lock.lock();
    try {
      ending = Optional.of(reason);
    } finally {
      lock.unlock();
    }
    due(Long.MAX_VALUE);
  }

  @Override
  public Revision delivered() {
    // Read before the lock is taken: a change up to here is due by then, or is delivered.
    long told = announced.getAsLong();
    lock.lock();
    try {
      if (next == 0) {
        return Revision.NONE;
      }
      if (!running && due == 0) {
        highest = Math.max(highest, told);
      }
      return new Revision(highest);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    over = true;
    forget.accept(query, this);
    // The listener itself may close its watch: the lock is its own then.
    call(() -> {});
  }

  private void deliver() {
    while (true) {
      long from;
      Optional<StoreError> last;
      lock.lock();
      try {
        if (due == 0 || over) {
          running = false;
          return;
        }
        from = Math.max(due, next);
        due = 0;
        last = ending;
      } finally {
        lock.unlock();
      }
      if (last.isPresent()) {
        finish(last.get(), state.get().compactRevision());
      } else {
        deliver(from);
      }
    }
  }

  private void deliver(long from) {
    // All of it, wherever the dispatcher stands: it may have found out whom a change concerns
    // before
    // this watch was entered, and will not tell it of that one.
    StoreState now = state.get();
    long upTo = now.revision().value();
    switch (now.eventsSince(new Revision(from))) {
      case StoreState.Replay.Compacted(Revision first) -> finish(WatchHub.compacted(), first);
      case StoreState.Replay.Events(Iterable<RevisionEvents> revisions) -> {
        for (RevisionEvents events : revisions) {
          if (over) {
            break;
          }
          List<WatchEvent> selected = filter.select(events.events());
          if (!selected.isEmpty()) {
            call(() -> listener.onEvents(events.revision(), selected));
          }
        }
        lock.lock();
        try {
          next = Math.max(next, upTo + 1);
          highest = Math.max(highest, next - 1);
        } finally {
          lock.unlock();
        }
      }
    }
  }

  private void finish(StoreError reason, Revision first) {
    call(() -> listener.onEnded(reason, first));
    over = true;
    forget.accept(query, this);
  }

  private void call(Runnable callback) {
    delivering.lock();
    try {
      if (!over) {
        callback.run();
      }
    } catch (RuntimeException e) {
      // A listener's mistake ends its own watch only.
      over = true;
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    } finally {
      delivering.unlock();
    }
  }
}
