package io.quorate.store.raft;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.StoreError;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A watch that remembers what it heard. */
final class Watching implements WatchListener, AutoCloseable {
  private final List<Long> revisions = new ArrayList<>();
  private final List<String> keys = new ArrayList<>();
  private final List<Optional<String>> previous = new ArrayList<>();
  private Optional<StoreError> ended = Optional.empty();
  private Revision compactRevision = Revision.NONE;
  private Optional<Store.Watch> watch = Optional.empty();

  private Watching() {}

  static Watching begin(Store store, WatchQuery query) {
    Watching watching = new Watching();
    Store.Watch begun = store.watch(query, watching);
    synchronized (watching) {
      watching.watch = Optional.of(begun);
    }
    return watching;
  }

  @Override
  public synchronized void onEvents(Revision revision, List<WatchEvent> events) {
    revisions.add(revision.value());
    for (WatchEvent event : events) {
      switch (event) {
        case WatchEvent.Put(KeyValue now, Optional<KeyValue> before) -> {
          keys.add(now.key().toUtf8());
          previous.add(before.map(KeyValue::value).map(Bytes::toUtf8));
        }
        case WatchEvent.Delete(Bytes key, Revision _, Optional<KeyValue> before) -> {
          keys.add("-" + key.toUtf8());
          previous.add(before.map(KeyValue::value).map(Bytes::toUtf8));
        }
      }
    }
  }

  @Override
  public synchronized void onEnded(StoreError reason, Revision firstLeft) {
    ended = Optional.of(reason);
    compactRevision = firstLeft;
  }

  synchronized List<Long> revisions() {
    return List.copyOf(revisions);
  }

  /** Keys put, and with a dash before them keys deleted. */
  synchronized List<String> keys() {
    return List.copyOf(keys);
  }

  synchronized List<Optional<String>> previous() {
    return List.copyOf(previous);
  }

  synchronized Optional<StoreError> ended() {
    return ended;
  }

  synchronized Revision compactRevision() {
    return compactRevision;
  }

  @Override
  public void close() {
    Optional<Store.Watch> begun;
    synchronized (this) {
      begun = watch;
    }
    begun.ifPresent(Store.Watch::close);
  }

  @Override
  public synchronized String toString() {
    return revisions + " " + keys + " " + ended;
  }
}
