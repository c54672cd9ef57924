package io.quorate.store.raft;

import io.quorate.store.StoreStatus;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What ails the store here, and who wants to know when that or the leader changes. */
final class StatusBoard {
  private static final Logger LOG = LoggerFactory.getLogger(StatusBoard.class);

  private record Key(
      Optional<String> leader, boolean leading, long term, Optional<String> problem) {
    static Key of(StoreStatus status) {
      return new Key(status.leader(), status.leading(), status.term(), status.problem());
    }
  }

  private final Supplier<StoreStatus> status;
  private final List<Consumer<StoreStatus>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicReference<Optional<String>> problem = new AtomicReference<>(Optional.empty());
  private Optional<Key> told = Optional.empty();

  StatusBoard(Supplier<StoreStatus> status) {
    this.status = status;
  }

  void add(Consumer<StoreStatus> listener) {
    listeners.add(listener);
  }

  Optional<String> problem() {
    return problem.get();
  }

  /** Something ails the store, until {@link #well}. */
  void ails(String what) {
    problem.set(Optional.of(what));
  }

  /** Nothing does. */
  void well() {
    problem.set(Optional.empty());
  }

  /** Tells the listeners if something changed; on one thread at a time, the caller's. */
  synchronized void refresh() {
    StoreStatus now = status.get();
    Optional<Key> key = Optional.of(Key.of(now));
    if (!key.equals(told)) {
      told = key;
      for (Consumer<StoreStatus> listener : listeners) {
        try {
          listener.accept(now);
        } catch (RuntimeException e) {
          LOG.error("A listener for the store's status failed", e);
        }
      }
    }
  }
}
