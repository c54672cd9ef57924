package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** What can be said against a transaction without looking at the store. */
public final class TxnCheck {
  private TxnCheck() {}

  /**
   * The first objection to {@code txn}, if there is one; what passes is safe to encode and apply.
   * Whoever proposes a transaction asks first, so that nothing oversized reaches the log.
   */
  public static Optional<StoreError> objection(Txn txn, StoreLimits limits) {
    return shape(txn, limits.operations(), limits)
        .or(() ->
            Weights.of(txn) > limits.requestBytes()
                ? Optional.of(StoreErrors.TOO_LARGE)
                : Optional.empty())
        .or(() -> new Writes().collect(txn));
  }

  /** Whether some branch of {@code txn} may write. */
  public static boolean writes(Txn txn) {
    return !written(txn).isEmpty();
  }

  /** Every range that some branch of {@code txn} may write. */
  static List<KeyRange> written(Txn txn) {
    List<KeyRange> ranges = new ArrayList<>();
    addWritten(txn.then(), ranges);
    addWritten(txn.otherwise(), ranges);
    return ranges;
  }

  private static void addWritten(List<Op> ops, List<KeyRange> ranges) {
    for (Op op : ops) {
      switch (op) {
        case Op.Range _ -> {}
        case Op.Put put -> ranges.add(new KeyRange(put.key(), Bytes.EMPTY));
        case Op.DeleteRange(Bytes key, Bytes end, boolean _) -> ranges.add(new KeyRange(key, end));
        case Op.Nested(Txn nested) -> ranges.addAll(written(nested));
      }
    }
  }

  /** Counts go down with depth, as in etcd, which also bounds the depth. */
  private static Optional<StoreError> shape(Txn txn, int operationsLeft, StoreLimits limits) {
    int used = Math.max(txn.compares().size(), Math.max(txn.then().size(), txn.otherwise().size()));
    if (used > operationsLeft) {
      return Optional.of(StoreErrors.TOO_MANY_OPS);
    }
    for (Compare compare : txn.compares()) {
      if (compare.key().size() == 0) {
        return Optional.of(StoreErrors.EMPTY_KEY);
      }
    }
    return shape(txn.then(), operationsLeft - used, limits)
        .or(() -> shape(txn.otherwise(), operationsLeft - used, limits));
  }

  private static Optional<StoreError> shape(List<Op> ops, int operationsLeft, StoreLimits limits) {
    for (Op op : ops) {
      Optional<StoreError> error =
          switch (op) {
            case Op.Range(var query) -> keyGiven(query.key());
            case Op.Put put -> shape(put, limits);
            case Op.DeleteRange delete -> keyGiven(delete.key());
            case Op.Nested(Txn nested) -> shape(nested, operationsLeft, limits);
          };
      if (error.isPresent()) {
        return error;
      }
    }
    return Optional.empty();
  }

  private static Optional<StoreError> shape(Op.Put put, StoreLimits limits) {
    if (put.key().size() == 0) {
      return Optional.of(StoreErrors.EMPTY_KEY);
    }
    if (put.ignoreValue() && put.value().size() != 0) {
      return Optional.of(StoreErrors.VALUE_PROVIDED);
    }
    if (put.ignoreLease() && !put.lease().equals(LeaseId.NONE)) {
      return Optional.of(StoreErrors.LEASE_PROVIDED);
    }
    return put.value().size() > limits.valueBytes()
        ? Optional.of(StoreErrors.TOO_LARGE)
        : Optional.empty();
  }

  private static Optional<StoreError> keyGiven(Bytes key) {
    return key.size() == 0 ? Optional.of(StoreErrors.EMPTY_KEY) : Optional.empty();
  }

  /**
   * What the operations of one branch write: no key may be written twice in a transaction, so that
   * a revision has at most one change of each key. The two branches of a nested transaction may
   * write the same key, since only one of them runs.
   *
   * <p>Stricter than etcd in one corner: there a nested transaction may delete what an earlier
   * sibling has put.
   */
  private static final class Writes {
    private final TreeMap<Bytes, Integer> puts = new TreeMap<>();
    private final List<Deletion> deletions = new ArrayList<>();

    private record Deletion(KeyRange range, int by) {}

    Optional<StoreError> collect(Txn txn) {
      return new Writes().add(txn.then()).or(() -> new Writes().add(txn.otherwise()));
    }

    private Optional<StoreError> add(List<Op> ops) {
      int by = 0;
      for (Op op : ops) {
        Optional<StoreError> error =
            switch (op) {
              case Op.Range _ -> Optional.empty();
              case Op.Put put -> addPut(put.key(), by);
              case Op.DeleteRange(Bytes key, Bytes end, boolean _) -> {
                deletions.add(new Deletion(new KeyRange(key, end), by));
                yield Optional.empty();
              }
              case Op.Nested(Txn nested) -> addNested(nested, by);
            };
        if (error.isPresent()) {
          return error;
        }
        by++;
      }
      return deletions.stream().anyMatch(this::meetsPut)
          ? Optional.of(StoreErrors.DUPLICATE_KEY)
          : Optional.empty();
    }

    private Optional<StoreError> addPut(Bytes key, int by) {
      return puts.put(key, by) == null ? Optional.empty() : Optional.of(StoreErrors.DUPLICATE_KEY);
    }

    private Optional<StoreError> addNested(Txn nested, int by) {
      TreeSet<Bytes> putWithin = new TreeSet<>();
      for (List<Op> branch : List.of(nested.then(), nested.otherwise())) {
        Writes inner = new Writes();
        Optional<StoreError> error = inner.add(branch);
        if (error.isPresent()) {
          return error;
        }
        putWithin.addAll(inner.puts.keySet());
        inner.deletions.forEach(deletion -> deletions.add(new Deletion(deletion.range, by)));
      }
      for (Bytes key : putWithin) {
        Optional<StoreError> error = addPut(key, by);
        if (error.isPresent()) {
          return error;
        }
      }
      return Optional.empty();
    }

    private boolean meetsPut(Deletion deletion) {
      return puts.tailMap(deletion.range.key(), true).entrySet().stream()
          .takeWhile(put -> deletion.range.contains(put.getKey()))
          .anyMatch(put -> put.getValue() != deletion.by);
    }
  }
}
