package io.quorate.store.local;

import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.StoreError;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.store.machine.RevisionEvents;
import io.quorate.store.machine.StoreState;
import io.quorate.store.machine.WatchFilter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One watch. The store's lock guards what is queued for it, its own lock what is delivered, so that
 * nothing is delivered once {@link #close()} has returned.
 */
final class LocalWatch implements Store.Watch {
  /** Revisions that may wait for a listener before its watch is ended. */
  static final int PENDING_MAX = 10_000;

  private static final StoreError SLOW =
      new StoreError(StoreError.Code.OVERLOADED, "the listener is too slow for its watch");

  private final WatchFilter filter;
  private final Revision start;
  private final WatchListener listener;
  private final SerialDelivery delivery;
  private final AtomicInteger pending = new AtomicInteger();
  private final ReentrantLock delivering = new ReentrantLock();
  private boolean closed;
  private boolean ended;

  LocalWatch(WatchQuery query, WatchListener listener, SerialDelivery delivery) {
    this.filter = new WatchFilter(query);
    this.start = query.startRevision();
    this.listener = listener;
    this.delivery = delivery;
  }

  /** Queues what a watch that begins in the past has missed. */
  void replay(StoreState state) {
    if (start.equals(Revision.NONE)) {
      return;
    }
    switch (state.eventsSince(start)) {
      case StoreState.Replay.Compacted(Revision first) ->
          end(
              new StoreError(StoreError.Code.COMPACTED, "revision " + start + " is compacted"),
              first);
      case StoreState.Replay.Events(Iterable<RevisionEvents> revisions) ->
          delivery.add(() -> revisions.forEach(this::deliver));
    }
  }

  /** Queues the changes of one more revision. */
  void offer(RevisionEvents events) {
    if (ended || events.revision().compareTo(start) < 0) {
      return;
    }
    if (pending.incrementAndGet() > PENDING_MAX) {
      end(SLOW, events.revision());
      return;
    }
    delivery.add(() -> {
      pending.decrementAndGet();
      deliver(events);
    });
  }

  /** Queues the end. */
  void end(StoreError reason, Revision first) {
    ended = true;
    delivery.add(() ->
        deliver(() -> {
          closed = true;
          listener.onEnded(reason, first);
        }));
  }

  /** Whether nothing more will be queued. */
  boolean ended() {
    return ended;
  }

  @Override
  public void close() {
    delivering.lock();
    try {
      closed = true;
    } finally {
      delivering.unlock();
    }
  }

  private void deliver(RevisionEvents events) {
    List<WatchEvent> selected = filter.select(events.events());
    if (!selected.isEmpty()) {
      deliver(() -> listener.onEvents(events.revision(), selected));
    }
  }

  private void deliver(Runnable call) {
    delivering.lock();
    try {
      if (!closed) {
        call.run();
      }
    } finally {
      delivering.unlock();
    }
  }
}
