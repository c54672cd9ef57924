package io.quorate.jepsen.sim.store;

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
import java.util.concurrent.Executor;

/** A watch on one replica: what it has missed first, then what is applied. */
final class ReplicaWatch implements Store.Watch {

  private static final StoreError COMPACTED =
      new StoreError(StoreError.Code.COMPACTED, "history was compacted");

  private final WatchFilter filter;
  private final Revision start;
  private final WatchListener listener;
  private final Executor delivery;
  private boolean over;

  ReplicaWatch(WatchQuery query, WatchListener listener, Executor delivery) {
    this.filter = new WatchFilter(query);
    this.start = query.startRevision();
    this.listener = listener;
    this.delivery = delivery;
  }

  void replay(StoreState state) {
    if (start.equals(Revision.NONE)) {
      return;
    }
    switch (state.eventsSince(start)) {
      case StoreState.Replay.Compacted(Revision first) -> end(first);
      case StoreState.Replay.Events(Iterable<RevisionEvents> revisions) ->
          revisions.forEach(this::offer);
    }
  }

  void offer(RevisionEvents events) {
    List<WatchEvent> selected = filter.select(events.events());
    if (over || selected.isEmpty() || events.revision().compareTo(start) < 0) {
      return;
    }
    delivery.execute(() -> {
      if (!over) {
        listener.onEvents(events.revision(), selected);
      }
    });
  }

  void end(Revision first) {
    delivery.execute(() -> {
      if (!over) {
        over = true;
        listener.onEnded(COMPACTED, first);
      }
    });
  }

  boolean over() {
    return over;
  }

  @Override
  public void close() {
    over = true;
  }
}
