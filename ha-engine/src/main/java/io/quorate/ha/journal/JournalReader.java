package io.quorate.ha.journal;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.JournalCodec;
import io.quorate.ha.model.JournalEntry;
import io.quorate.store.KeyValue;
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
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Reads the journal of all members from this member's replica: it also answers when the store has
 * no majority. Any thread may call; nothing blocks.
 */
public final class JournalReader {

  /** By time; of one member in the order of writing. */
  private static final Comparator<JournalEntry> ORDER =
      Comparator.comparing(JournalEntry::at)
          .thenComparing(JournalEntry::member)
          .thenComparingLong(JournalEntry::batch)
          .thenComparingInt(JournalEntry::index);

  private final Store store;
  private final ClusterKeys keys;

  /** A reader of the cluster with these keys. */
  public JournalReader(Store store, ClusterKeys keys) {
    this.store = store;
    this.keys = keys;
  }

  /**
   * What was read.
   *
   * @param entries oldest first; empty when the replica could not be read
   * @param revision the store's revision that it is of
   */
  public record Contents(List<JournalEntry> entries, long revision) {
    /** Copies the list. */
    public Contents {
      entries = List.copyOf(entries);
    }
  }

  /** Everything that is kept. */
  public CompletionStage<Contents> read() {
    return store
        .range(RangeQuery.prefix(keys.journal()), ReadMode.SERIALIZABLE)
        .thenApply(outcome ->
            outcome instanceof Outcome.Done<OpResult.Range>(OpResult.Range range)
                ? new Contents(entries(range.keys()), range.revision().value())
                : new Contents(List.of(), 0));
  }

  private List<JournalEntry> entries(List<KeyValue> keyValues) {
    return keyValues.stream()
        .flatMap(kv -> JournalCodec.read(keys, kv.key(), kv.value()).stream())
        .sorted(ORDER)
        .toList();
  }

  /**
   * Calls {@code listener} with what is written after {@code revision}, on threads that it must not
   * hold up, until the watch is closed, or {@code ended} is called because it cannot go on.
   */
  public Store.Watch watch(
      long revision, Consumer<List<JournalEntry>> listener, Consumer<String> ended) {
    return store.watch(
        WatchQuery.prefix(keys.journal(), new Revision(revision + 1)),
        new WatchListener() {
          @Override
          public void onEvents(Revision at, List<WatchEvent> events) {
            listener.accept(
                entries(
                    events.stream()
                        .filter(WatchEvent.Put.class::isInstance)
                        .map(event -> ((WatchEvent.Put) event).keyValue())
                        .toList()));
          }

          @Override
          public void onEnded(StoreError reason, Revision compactRevision) {
            ended.accept(reason.message());
          }
        });
  }
}
