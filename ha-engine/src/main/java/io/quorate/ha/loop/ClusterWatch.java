package io.quorate.ha.loop;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.Keyspace;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.StoreError;
import io.quorate.store.WatchEvent;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the {@link Keyspace} current: one linearizable read, then a watch from there; anew when the
 * watch ends. Belongs to the loop.
 */
final class ClusterWatch {

  private static final Duration RETRY = Duration.ofMillis(100);

  private final HaPorts ports;
  private final ClusterKeys keys;
  private final Consumer<Keyspace> changed;

  private @Nullable Keyspace current;
  private Store.@Nullable Watch watch;
  private long generation;

  ClusterWatch(HaPorts ports, ClusterKeys keys, Consumer<Keyspace> changed) {
    this.ports = ports;
    this.keys = keys;
    this.changed = changed;
  }

  Optional<Keyspace> current() {
    return Optional.ofNullable(current);
  }

  void start() {
    long startedAs = ++generation;
    Store.Watch old = watch;
    watch = null;
    if (old != null) {
      old.close();
    }
    read(
        keyspace -> {
          if (generation == startedAs) {
            advance(keyspace);
            watchFrom(startedAs, keyspace.revision());
          }
        },
        () -> {
          if (generation == startedAs) {
            ports
                .scheduler()
                .schedule(RETRY, () -> ports.executor().execute(() -> restart(startedAs)));
          }
        });
  }

  void close() {
    generation++;
    Store.Watch old = watch;
    watch = null;
    if (old != null) {
      old.close();
    }
  }

  /** Reads everything linearizably; {@code then} gets what it was, whether or not it is newer. */
  void confirm(Consumer<Keyspace> then, Runnable failed) {
    read(
        keyspace -> {
          advance(keyspace);
          then.accept(keyspace);
        },
        failed);
  }

  private void restart(long startedAs) {
    if (generation == startedAs) {
      start();
    }
  }

  private void read(Consumer<Keyspace> then, Runnable failed) {
    var _ =
        ports
            .store()
            .range(RangeQuery.prefix(keys.prefix()), ReadMode.LINEARIZABLE)
            .exceptionally(failure -> new Outcome.Unknown<>(failure.toString()))
            .thenAccept(outcome -> ports.executor().execute(() -> answered(outcome, then, failed)));
  }

  private void answered(Outcome<OpResult.Range> outcome, Consumer<Keyspace> then, Runnable failed) {
    switch (outcome) {
      case Outcome.Done<OpResult.Range>(OpResult.Range range) ->
          then.accept(Keyspace.of(keys, range.revision(), range.keys()));
      case Outcome.NotDone<OpResult.Range> _, Outcome.Unknown<OpResult.Range> _ -> failed.run();
    }
  }

  private void advance(Keyspace read) {
    Keyspace known = current;
    if (known == null || read.revision().compareTo(known.revision()) > 0) {
      current = read;
      changed.accept(read);
    }
  }

  private void watchFrom(long startedAs, Revision after) {
    watch =
        ports
            .store()
            .watch(
                WatchQuery.prefix(keys.prefix(), new Revision(after.value() + 1)),
                new WatchListener() {
                  @Override
                  public void onEvents(Revision revision, List<WatchEvent> events) {
                    ports.executor().execute(() -> apply(startedAs, revision, events));
                  }

                  @Override
                  public void onEnded(StoreError reason, Revision compactRevision) {
                    ports.executor().execute(() -> restart(startedAs));
                  }
                });
  }

  private void apply(long startedAs, Revision revision, List<WatchEvent> events) {
    Keyspace known = current;
    if (generation != startedAs || known == null || revision.compareTo(known.revision()) <= 0) {
      return;
    }
    Keyspace next = known.after(revision, events);
    current = next;
    changed.accept(next);
  }
}
