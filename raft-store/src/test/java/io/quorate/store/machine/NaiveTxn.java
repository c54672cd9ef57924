package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.StoreError.Code;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A transaction on a {@link NaiveStore}. */
final class NaiveTxn {
  private final NaiveStore store;
  private final Revision next;
  final SortedMap<Bytes, KeyValue> keys;
  final List<WatchEvent> events = new ArrayList<>();

  NaiveTxn(NaiveStore store) {
    this.store = store;
    this.next = new Revision(store.revision() + 1);
    this.keys = new TreeMap<>(store.keys());
  }

  CommandResult run(Txn txn, Principal principal) {
    List<Write> writes = writes(txn, List.of());
    if (malformed(txn, store.limits.operations())
        || Weights.of(txn) > store.limits.requestBytes()
        || conflicting(writes)) {
      return NaiveStore.refused(Code.INVALID_ARGUMENT);
    }
    if (principal == Principal.CLIENT && writes.stream().anyMatch(this::guarded)) {
      return NaiveStore.refused(Code.PERMISSION_DENIED);
    }
    List<Op> flat = chosen(txn);
    for (Op op : flat) {
      Optional<Code> code = unfit(op);
      if (code.isPresent()) {
        return NaiveStore.refused(code.get());
      }
    }
    boolean succeeded = txn.compares().stream().allMatch(this::holds);
    SortedMap<Bytes, KeyValue> before = new TreeMap<>(keys);
    List<OpResult> results = execute(succeeded ? txn.then() : txn.otherwise());
    long quota =
        store.limits.quotaBytes()
            + (principal == Principal.MEMBER ? store.limits.reserveBytes() : 0);
    if (store.bytes(keys) > quota && store.bytes(keys) > store.bytes(before)) {
      return NaiveStore.refused(Code.NO_SPACE);
    }
    return new CommandResult.TxnDone(new TxnResult(succeeded, results, now()));
  }

  private Revision now() {
    return events.isEmpty() ? new Revision(store.revision()) : next;
  }

  /** Which branch of which transaction an operation stands in; by identity. */
  private record Place(Txn txn, boolean then) {}

  private record Write(List<Place> places, Bytes key, Bytes end, boolean put) {
    /** Whether some run executes both. */
    boolean meets(Write other) {
      for (Place mine : places) {
        for (Place theirs : other.places) {
          if (sameTxn(mine, theirs) && mine.then != theirs.then) {
            return false;
          }
        }
      }
      return true;
    }

    @SuppressWarnings("ReferenceEquality") // two equal transactions may stand side by side
    private static boolean sameTxn(Place mine, Place theirs) {
      return mine.txn == theirs.txn;
    }
  }

  private static List<Write> writes(Txn txn, List<Place> outer) {
    List<Write> all = new ArrayList<>();
    for (boolean then : new boolean[] {true, false}) {
      List<Place> places = Stream.concat(outer.stream(), Stream.of(new Place(txn, then))).toList();
      for (Op op : then ? txn.then() : txn.otherwise()) {
        switch (op) {
          case Op.Put put -> all.add(new Write(places, put.key(), Bytes.EMPTY, true));
          case Op.DeleteRange delete ->
              all.add(new Write(places, delete.key(), delete.rangeEnd(), false));
          case Op.Nested(Txn nested) -> all.addAll(writes(nested, places));
          case Op.Range _ -> {}
        }
      }
    }
    return all;
  }

  /** Puts name one key each, so a key in both writes is one that is put. */
  private static boolean conflicting(List<Write> writes) {
    for (int i = 0; i < writes.size(); i++) {
      for (int j = 0; j < writes.size(); j++) {
        Write put = writes.get(i);
        Write other = writes.get(j);
        if (i != j && put.put && inRange(put.key, other.key, other.end) && put.meets(other)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean guarded(Write write) {
    return store.guards.stream()
        .anyMatch(prefix ->
            (write.key.startsWith(prefix) && inRange(write.key, write.key, write.end))
                || inRange(prefix, write.key, write.end));
  }

  static boolean inRange(Bytes candidate, Bytes key, Bytes end) {
    if (end.size() == 0) {
      return candidate.equals(key);
    }
    return candidate.compareTo(key) >= 0
        && (end.equals(Bytes.of(new byte[] {0})) || candidate.compareTo(end) < 0);
  }

  private boolean malformed(Txn txn, int operations) {
    int used =
        Stream.of(txn.compares().size(), txn.then().size(), txn.otherwise().size())
            .max(Integer::compare)
            .orElseThrow();
    return used > operations
        || txn.compares().stream().anyMatch(compare -> compare.key().size() == 0)
        || Stream.concat(txn.then().stream(), txn.otherwise().stream())
            .anyMatch(op -> malformed(op, operations - used));
  }

  private boolean malformed(Op op, int operations) {
    return switch (op) {
      case Op.Range(RangeQuery query) -> query.key().size() == 0;
      case Op.Put put ->
          put.key().size() == 0
              || put.value().size() > store.limits.valueBytes()
              || (put.ignoreValue() && put.value().size() > 0)
              || (put.ignoreLease() && put.lease().value() != 0);
      case Op.DeleteRange delete -> delete.key().size() == 0;
      case Op.Nested(Txn nested) -> malformed(nested, operations);
    };
  }

  /** What runs, in order; conditions see the store as it was before the transaction. */
  private List<Op> chosen(Txn txn) {
    List<Op> flat = new ArrayList<>();
    for (Op op : txn.compares().stream().allMatch(this::holds) ? txn.then() : txn.otherwise()) {
      if (op instanceof Op.Nested(Txn nested)) {
        flat.addAll(chosen(nested));
      } else {
        flat.add(op);
      }
    }
    return flat;
  }

  private Optional<Code> unfit(Op op) {
    if (op instanceof Op.Range(RangeQuery query)) {
      return unreadable(store, query.revision().value());
    }
    if (op instanceof Op.Put put) {
      if ((put.ignoreValue() || put.ignoreLease()) && !store.keys().containsKey(put.key())) {
        return Optional.of(Code.KEY_NOT_FOUND);
      }
      if (put.lease().value() != 0 && !store.leases.containsKey(put.lease().value())) {
        return Optional.of(Code.LEASE_NOT_FOUND);
      }
    }
    return Optional.empty();
  }

  static Optional<Code> unreadable(NaiveStore store, long revision) {
    if (revision > store.revision()) {
      return Optional.of(Code.FUTURE_REVISION);
    }
    return revision != 0 && revision < store.compactRevision
        ? Optional.of(Code.COMPACTED)
        : Optional.empty();
  }

  private boolean holds(Compare compare) {
    List<KeyValue> found =
        store.keys().values().stream()
            .filter(kv -> inRange(kv.key(), compare.key(), compare.rangeEnd()))
            .toList();
    if (found.isEmpty()) {
      return !(compare instanceof Compare.ByValue)
          && holds(
              compare,
              new KeyValue(
                  Bytes.EMPTY, Bytes.EMPTY, Revision.NONE, Revision.NONE, 0, LeaseId.NONE));
    }
    return found.stream().allMatch(kv -> holds(compare, kv));
  }

  private static boolean holds(Compare compare, KeyValue kv) {
    int order =
        switch (compare) {
          case Compare.ByCreateRevision c -> kv.createRevision().compareTo(c.target());
          case Compare.ByModRevision c -> kv.modRevision().compareTo(c.target());
          case Compare.ByVersion c -> Long.compare(kv.version(), c.target());
          case Compare.ByValue c -> kv.value().compareTo(c.target());
          case Compare.ByLease c -> Long.compare(kv.lease().value(), c.target().value());
        };
    return switch (compare.relation()) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case LESS -> order < 0;
      case GREATER -> order > 0;
    };
  }

  private List<OpResult> execute(List<Op> ops) {
    List<OpResult> results = new ArrayList<>();
    for (Op op : ops) {
      results.add(
          switch (op) {
            case Op.Range(RangeQuery query) ->
                read(
                    query.revision().value() == 0 ? keys : store.pageAt(query.revision().value()),
                    query,
                    now().value());
            case Op.Put put -> put(put);
            case Op.DeleteRange delete -> delete(delete);
            case Op.Nested(Txn nested) -> {
              boolean succeeded = nested.compares().stream().allMatch(this::holds);
              yield new OpResult.Nested(
                  succeeded, execute(succeeded ? nested.then() : nested.otherwise()));
            }
          });
    }
    return results;
  }

  private OpResult put(Op.Put put) {
    Optional<KeyValue> old = Optional.ofNullable(keys.get(put.key()));
    KeyValue kv =
        new KeyValue(
            put.key(),
            put.ignoreValue() ? old.orElseThrow().value() : put.value(),
            old.map(KeyValue::createRevision).orElse(next),
            next,
            old.map(KeyValue::version).orElse(0L) + 1,
            put.ignoreLease() ? old.orElseThrow().lease() : put.lease());
    keys.put(put.key(), kv);
    events.add(new WatchEvent.Put(kv, old));
    return new OpResult.Put(put.prevKv() ? old : Optional.empty());
  }

  private OpResult delete(Op.DeleteRange delete) {
    List<KeyValue> gone =
        keys.values().stream()
            .filter(kv -> inRange(kv.key(), delete.key(), delete.rangeEnd()))
            .toList();
    for (KeyValue kv : gone) {
      keys.remove(kv.key());
      events.add(new WatchEvent.Delete(kv.key(), next, Optional.of(kv)));
    }
    return new OpResult.DeleteRange(gone.size(), delete.prevKv() ? gone : List.of());
  }

  static OpResult.Range read(SortedMap<Bytes, KeyValue> page, RangeQuery query, long revision) {
    List<KeyValue> all =
        page.values().stream()
            .filter(kv -> inRange(kv.key(), query.key(), query.rangeEnd()))
            .toList();
    if (query.countOnly()) {
      return new OpResult.Range(List.of(), false, all.size(), new Revision(revision));
    }
    List<KeyValue> found = all;
    boolean bounded =
        Stream.of(
                query.minModRevision(),
                query.maxModRevision(),
                query.minCreateRevision(),
                query.maxCreateRevision())
            .anyMatch(bound -> bound.value() != 0);
    if (query.limit() > 0 && query.sortOrder() == RangeQuery.SortOrder.NONE && !bounded) {
      found = found.stream().limit(query.limit() + 1).toList();
    }
    Comparator<KeyValue> order = Comparator.comparing(kv -> rank(kv, query));
    found =
        found.stream()
            .filter(kv -> kv.modRevision().value() >= query.minModRevision().value())
            .filter(kv -> upTo(kv.modRevision(), query.maxModRevision()))
            .filter(kv -> kv.createRevision().value() >= query.minCreateRevision().value())
            .filter(kv -> upTo(kv.createRevision(), query.maxCreateRevision()))
            .sorted(query.sortOrder() == RangeQuery.SortOrder.DESCEND ? order.reversed() : order)
            .toList();
    boolean more = query.limit() > 0 && found.size() > query.limit();
    return new OpResult.Range(
        found.stream()
            .limit(query.limit() > 0 ? query.limit() : Long.MAX_VALUE)
            .map(kv -> query.keysOnly() ? bare(kv) : kv)
            .toList(),
        more,
        all.size(),
        new Revision(revision));
  }

  private static boolean upTo(Revision revision, Revision max) {
    return max.value() == 0 || revision.value() <= max.value();
  }

  private static Bytes rank(KeyValue kv, RangeQuery query) {
    return switch (query.sortTarget()) {
      case KEY -> kv.key();
      case VALUE -> kv.value();
      case VERSION -> Bytes.utf8("%019d".formatted(kv.version()));
      case CREATE -> Bytes.utf8("%019d".formatted(kv.createRevision().value()));
      case MOD -> Bytes.utf8("%019d".formatted(kv.modRevision().value()));
    };
  }

  private static KeyValue bare(KeyValue kv) {
    return new KeyValue(
        kv.key(), Bytes.EMPTY, kv.createRevision(), kv.modRevision(), kv.version(), kv.lease());
  }
}
