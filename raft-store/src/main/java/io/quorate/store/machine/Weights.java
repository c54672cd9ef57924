package io.quorate.store.machine;

import io.quorate.store.Compare;
import io.quorate.store.KeyValue;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Txn;
import java.util.List;

/** Rough sizes in bytes, for bounds; the same on every replica. */
final class Weights {
  private static final int PART = 16;

  private Weights() {}

  /** Keys and values that a transaction carries. */
  static long of(Txn txn) {
    long sum = PART;
    for (Compare compare : txn.compares()) {
      sum += PART + compare.key().size() + compare.rangeEnd().size();
      if (compare instanceof Compare.ByValue byValue) {
        sum += byValue.target().size();
      }
    }
    return sum + ofOps(txn.then()) + ofOps(txn.otherwise());
  }

  private static long ofOps(List<Op> ops) {
    long sum = 0;
    for (Op op : ops) {
      sum +=
          PART
              + switch (op) {
                case Op.Range(var query) -> query.key().size() + query.rangeEnd().size();
                case Op.Put put -> put.key().size() + put.value().size();
                case Op.DeleteRange delete -> delete.key().size() + delete.rangeEnd().size();
                case Op.Nested(Txn nested) -> of(nested);
              };
    }
    return sum;
  }

  /** What keeping an answer costs. */
  static long of(CommandResult result) {
    return result instanceof CommandResult.TxnDone(var txn)
        ? PART + ofResults(txn.results())
        : PART;
  }

  private static long ofResults(List<OpResult> results) {
    long sum = 0;
    for (OpResult result : results) {
      sum +=
          PART
              + switch (result) {
                case OpResult.Range range -> ofKeys(range.keys());
                case OpResult.Put(var previous) ->
                    previous.isPresent() ? StoreLimits.weight(previous.get()) : 0;
                case OpResult.DeleteRange delete -> ofKeys(delete.previous());
                case OpResult.Nested nested -> ofResults(nested.results());
              };
    }
    return sum;
  }

  /** Keys with their values. */
  static long ofKeys(List<KeyValue> keys) {
    long sum = 0;
    for (KeyValue kv : keys) {
      sum += StoreLimits.weight(kv);
    }
    return sum;
  }
}
