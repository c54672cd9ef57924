package io.quorate.rpc.etcd;

import io.quorate.store.KeyValue;
import io.quorate.store.OpResult;
import io.quorate.store.TxnResult;
import java.util.List;

/** Tells answers that take less work than handing them to another thread. */
final class SmallAnswers {

  private static final int KEYS = 4;
  private static final int BYTES = 4_096;

  private SmallAnswers() {}

  static boolean small(OpResult.Range range) {
    return small(range.keys());
  }

  static boolean small(TxnResult result) {
    return result.results().size() <= KEYS
        && result.results().stream()
            .allMatch(each ->
                switch (each) {
                  case OpResult.Range range -> small(range.keys());
                  case OpResult.Put(var previous) -> small(previous.stream().toList());
                  case OpResult.DeleteRange delete -> small(delete.previous());
                  case OpResult.Nested _ -> false;
                });
  }

  private static boolean small(List<KeyValue> keys) {
    return keys.size() <= KEYS
        && keys.stream().allMatch(key -> key.key().size() + key.value().size() <= BYTES);
  }
}
