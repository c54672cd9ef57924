package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.OpResult;
import io.quorate.store.RangeQuery;
import io.quorate.store.RangeQuery.SortOrder;
import io.quorate.store.RangeQuery.SortTarget;
import io.quorate.store.Revision;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Answers a range query from a sorted map of keys, in etcd's order of steps. */
final class RangeReader {
  private RangeReader() {}

  /** All keys of {@code range}, in key order, at most {@code limit}. */
  static List<KeyValue> collect(SortedTree<Bytes, KeyValue> keys, KeyRange range, long limit) {
    if (range.single()) {
      KeyValue found = keys.get(range.key());
      return found == null ? List.of() : List.of(found);
    }
    List<KeyValue> found = new ArrayList<>();
    Bytes end = range.end();
    for (SortedTree.Entry<Bytes, KeyValue> entry : keys.entriesFrom(range.key())) {
      if (found.size() >= limit || (end != null && entry.key().compareTo(end) >= 0)) {
        break;
      }
      found.add(entry.value());
    }
    return found;
  }

  /** Number of keys in {@code range}. */
  static long count(SortedTree<Bytes, KeyValue> keys, KeyRange range) {
    if (range.single()) {
      return keys.get(range.key()) == null ? 0 : 1;
    }
    Bytes end = range.end();
    int above = end == null ? keys.size() : keys.rank(end);
    return Math.max(0, above - keys.rank(range.key()));
  }

  /**
   * Answers {@code query}, whose revision the caller has resolved to {@code keys}.
   *
   * @param revision the store's own, for the answer
   */
  static OpResult.Range read(
      SortedTree<Bytes, KeyValue> keys, RangeQuery query, Revision revision) {
    KeyRange range = new KeyRange(query.key(), query.rangeEnd());
    long count = count(keys, range);
    if (query.countOnly()) {
      return new OpResult.Range(List.of(), false, count, revision);
    }
    long limit = query.limit() > 0 ? query.limit() : Long.MAX_VALUE;
    boolean whole = query.sortOrder() != SortOrder.NONE || filters(query);
    // One more than the limit tells whether there is more. As in etcd an order by something else
    // than the key that was not asked for by name sorts only what the limit let through.
    long fetch = whole || limit == Long.MAX_VALUE ? Long.MAX_VALUE : limit + 1;
    List<KeyValue> found = new ArrayList<>(collect(keys, range, fetch));
    if (filters(query)) {
      found.removeIf(kv -> !passes(kv, query));
    }
    sort(found, query);
    boolean more = found.size() > limit;
    List<KeyValue> cut = more ? found.subList(0, (int) limit) : found;
    return new OpResult.Range(query.keysOnly() ? withoutValues(cut) : cut, more, count, revision);
  }

  private static boolean filters(RangeQuery query) {
    return query.minModRevision().value() != 0
        || query.maxModRevision().value() != 0
        || query.minCreateRevision().value() != 0
        || query.maxCreateRevision().value() != 0;
  }

  private static boolean passes(KeyValue kv, RangeQuery query) {
    return within(kv.modRevision(), query.minModRevision(), query.maxModRevision())
        && within(kv.createRevision(), query.minCreateRevision(), query.maxCreateRevision());
  }

  private static boolean within(Revision revision, Revision min, Revision max) {
    return revision.compareTo(min) >= 0 && (max.value() == 0 || revision.compareTo(max) <= 0);
  }

  private static void sort(List<KeyValue> found, RangeQuery query) {
    if (query.sortTarget() == SortTarget.KEY && query.sortOrder() != SortOrder.DESCEND) {
      return;
    }
    Comparator<KeyValue> order =
        switch (query.sortTarget()) {
          case KEY -> Comparator.comparing(KeyValue::key);
          case VERSION -> Comparator.comparingLong(KeyValue::version);
          case CREATE -> Comparator.comparing(KeyValue::createRevision);
          case MOD -> Comparator.comparing(KeyValue::modRevision);
          case VALUE -> Comparator.comparing(KeyValue::value);
        };
    found.sort(query.sortOrder() == SortOrder.DESCEND ? order.reversed() : order);
  }

  private static List<KeyValue> withoutValues(List<KeyValue> keys) {
    List<KeyValue> bare = new ArrayList<>(keys.size());
    for (KeyValue kv : keys) {
      bare.add(
          new KeyValue(
              kv.key(),
              Bytes.EMPTY,
              kv.createRevision(),
              kv.modRevision(),
              kv.version(),
              kv.lease()));
    }
    return bare;
  }
}
