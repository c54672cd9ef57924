package io.quorate.store.raft;

import io.quorate.store.Bytes;
import io.quorate.store.ClientStore;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.store.machine.RevisionEvents;
import io.quorate.store.machine.StoreState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Tells watchers of changes, from this replica's own state. One thread finds out whom a change
 * concerns; each watch then reads what it is to deliver from the history in the state, in a thread
 * of its own. So nothing is queued, a watch that stands still costs nothing, and one that falls
 * behind the history is ended, as is one that a snapshot left behind.
 */
final class WatchHub implements AutoCloseable {
  private static final StoreError COMPACTED =
      new StoreError(
          StoreError.Code.COMPACTED, "etcdserver: mvcc: required revision has been compacted");
  private static final StoreError CLOSED =
      new StoreError(StoreError.Code.CLOSED, "the store was closed");

  private final Supplier<StoreState> state;
  private final Executor deliveries;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Bytes, Set<RunningWatch>> byKey = new HashMap<>();
  private final Set<RunningWatch> ranges = new HashSet<>();
  private volatile boolean woken;
  private volatile boolean closed;
  private long dispatched;

  /** Whom the changes up to this revision concern has been told. */
  private volatile long announced;

  /**
   * @param name for the thread
   * @param state the replica's latest state
   * @param deliveries runs listeners, each of which may take its time
   */
  WatchHub(String name, Supplier<StoreState> state, Executor deliveries) {
    this.state = state;
    this.deliveries = deliveries;
    this.thread =
        Thread.ofPlatform().daemon().name("quorate-watch-" + name).unstarted(this::dispatch);
  }

  void start() {
    dispatched = state.get().revision().value();
    announced = dispatched;
    thread.start();
  }

  /** The state changed. Cheap; any thread. */
  void changed() {
    woken = true;
    LockSupport.unpark(thread);
  }

  ClientStore.ClientWatch watch(WatchQuery query, WatchListener listener) {
    RunningWatch watch =
        new RunningWatch(query, listener, state, deliveries, this::forget, () -> announced);
    lock.lock();
    try {
      if (!closed) {
        add(query, watch);
      }
    } finally {
      lock.unlock();
    }
    // Read after the watch was entered: what is not in this state yet will be dispatched to it.
    Revision latest = state.get().revision();
    if (query.startRevision().equals(Revision.NONE)) {
      watch.begin(latest.value() + 1);
    } else {
      // Also delivers what is there already.
      watch.due(query.startRevision().value());
      watch.begin(query.startRevision().value());
    }
    if (closed) {
      watch.end(CLOSED);
    }
    return watch;
  }

  private void add(WatchQuery query, RunningWatch watch) {
    if (query.rangeEnd().size() == 0) {
      byKey.computeIfAbsent(query.key(), _ -> new HashSet<>()).add(watch);
    } else {
      ranges.add(watch);
    }
  }

  private void forget(WatchQuery query, RunningWatch watch) {
    lock.lock();
    try {
      ranges.remove(watch);
      Set<RunningWatch> same = byKey.get(query.key());
      if (same != null) {
        same.remove(watch);
        if (same.isEmpty()) {
          byKey.remove(query.key());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void dispatch() {
    while (!closed) {
      if (!woken) {
        LockSupport.park(this);
      }
      woken = false;
      StoreState now = state.get();
      if (now.revision().value() > dispatched) {
        dispatch(now);
      }
    }
  }

  private void dispatch(StoreState now) {
    long next = dispatched + 1;
    switch (now.eventsSince(new Revision(next))) {
      case StoreState.Replay.Compacted _ -> {
        dispatched = now.revision().value();
        all().forEach(watch -> watch.due(next));
        announced = dispatched;
      }
      case StoreState.Replay.Events(Iterable<RevisionEvents> revisions) -> {
        for (RevisionEvents events : revisions) {
          Set<RunningWatch> concerned = concerned(events);
          long revision = events.revision().value();
          dispatched = revision;
          concerned.forEach(watch -> watch.due(revision));
          announced = revision;
        }
        dispatched = now.revision().value();
        announced = dispatched;
      }
    }
  }

  private Set<RunningWatch> concerned(RevisionEvents events) {
    Set<RunningWatch> concerned = new HashSet<>();
    lock.lock();
    try {
      for (RunningWatch watch : ranges) {
        if (watch.concerns(events)) {
          concerned.add(watch);
        }
      }
      if (!byKey.isEmpty()) {
        for (WatchEvent event : events.events()) {
          Set<RunningWatch> same = byKey.get(RunningWatch.key(event));
          if (same != null) {
            concerned.addAll(same);
          }
        }
      }
    } finally {
      lock.unlock();
    }
    return concerned;
  }

  private List<RunningWatch> all() {
    lock.lock();
    try {
      List<RunningWatch> all = new ArrayList<>(ranges);
      byKey.values().forEach(all::addAll);
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** Ends all watches. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    changed();
    all().forEach(watch -> watch.end(CLOSED));
  }

  static StoreError compacted() {
    return COMPACTED;
  }
}
