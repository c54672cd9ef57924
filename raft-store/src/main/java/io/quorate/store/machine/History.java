package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.Revision;
import io.quorate.store.WatchEvent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The changes of the latest revisions, for reads of the past and for watches.
 *
 * @param revisions by revision, without gaps, up to the store's own
 * @param bytes weight of all of them
 * @param compactRevision the first revision that can be read or watched from; 0 when nothing was
 *     ever compacted
 */
public record History(
    SortedTree<Long, RevisionEvents> revisions, long bytes, long compactRevision) {

  /** No history. */
  public static final History EMPTY = new History(SortedTree.empty(), 0, 0);

  /** This history with one more revision, and as many forgotten at its beginning as must be. */
  History append(RevisionEvents latest, StoreLimits limits) {
    History grown =
        new History(
            revisions.put(latest.revision().value(), latest),
            bytes + latest.bytes(),
            compactRevision);
    while (grown.revisions.size() > 1
        && (grown.revisions.size() > limits.historyRevisions()
            || grown.bytes > limits.historyBytes())) {
      grown = grown.compactTo(grown.revisions.firstKey() + 1);
    }
    return grown;
  }

  /** This history beginning at {@code revision}, whose own changes are kept. */
  History compactTo(long revision) {
    SortedTree<Long, RevisionEvents> kept = revisions;
    long bytesLeft = bytes;
    for (SortedTree.Entry<Long, RevisionEvents> oldest : revisions.entries()) {
      if (oldest.key() >= revision) {
        break;
      }
      kept = kept.remove(oldest.key());
      bytesLeft -= oldest.value().bytes();
    }
    return new History(kept, bytesLeft, revision);
  }

  /** The revisions from {@code first} on, in order. */
  Iterable<RevisionEvents> from(long first) {
    return () -> new Values(revisions.entriesFrom(first).iterator());
  }

  private record Values(Iterator<SortedTree.Entry<Long, RevisionEvents>> entries)
      implements Iterator<RevisionEvents> {
    @Override
    public boolean hasNext() {
      return entries.hasNext();
    }

    @Override
    public RevisionEvents next() {
      return entries.next().value();
    }
  }

  /**
   * The keys as they were at {@code revision}, by undoing what came later, newest first.
   *
   * @param range only keys in this range are right in the answer
   */
  SortedTree<Bytes, KeyValue> undoTo(
      long revision, SortedTree<Bytes, KeyValue> now, KeyRange range) {
    List<RevisionEvents> later = new ArrayList<>();
    from(revision + 1).forEach(later::add);
    SortedTree<Bytes, KeyValue> keys = now;
    for (RevisionEvents events : later.reversed()) {
      for (WatchEvent event : events.events().reversed()) {
        keys =
            switch (event) {
              case WatchEvent.Put(KeyValue kv, var previous) ->
                  range.contains(kv.key()) ? restore(keys, kv.key(), previous) : keys;
              case WatchEvent.Delete(Bytes key, var _, var previous) ->
                  range.contains(key) ? restore(keys, key, previous) : keys;
            };
      }
    }
    return keys;
  }

  private static SortedTree<Bytes, KeyValue> restore(
      SortedTree<Bytes, KeyValue> keys, Bytes key, Optional<KeyValue> previous) {
    return previous.isPresent() ? keys.put(key, previous.get()) : keys.remove(key);
  }

  /** First revision that a watch or an old read may name. */
  Revision first() {
    return new Revision(compactRevision);
  }
}
