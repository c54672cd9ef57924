package io.quorate.store;

import java.util.List;
import java.util.Optional;

/** What one operation answered, in the order of the operations. */
public sealed interface OpResult {

  /**
   * Answer of a read.
   *
   * @param keys empty where only the count was asked for
   * @param more whether the limit cut the answer
   * @param count number of keys in the range, whatever the limit
   * @param revision the store's revision when it was read
   */
  record Range(List<KeyValue> keys, boolean more, long count, Revision revision)
      implements OpResult {
    /** Copies the list. */
    public Range {
      keys = List.copyOf(keys);
    }
  }

  /** Answer of a put; {@code previous} where asked for and there was one. */
  record Put(Optional<KeyValue> previous) implements OpResult {}

  /** Answer of a delete; {@code previous} where asked for. */
  record DeleteRange(long deleted, List<KeyValue> previous) implements OpResult {
    /** Copies the list. */
    public DeleteRange {
      previous = List.copyOf(previous);
    }
  }

  /** Answer of a nested transaction. */
  record Nested(boolean succeeded, List<OpResult> results) implements OpResult {
    /** Copies the list. */
    public Nested {
      results = List.copyOf(results);
    }
  }
}
