package io.quorate.store.machine;

import io.quorate.store.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The keys that an operation speaks of, as etcd writes them.
 *
 * @param rangeEnd empty: the one key; one zero byte: from {@code key} to the end; else exclusive
 */
public record KeyRange(Bytes key, Bytes rangeEnd) {

  /** Every key. */
  public static final KeyRange ALL =
      new KeyRange(Bytes.of(new byte[] {0}), Bytes.of(new byte[] {0}));

  /** All keys with this prefix. */
  public static KeyRange prefix(Bytes prefix) {
    return new KeyRange(prefix, prefix.prefixEnd());
  }

  /** Whether this names one key rather than a range. */
  public boolean single() {
    return rangeEnd.size() == 0;
  }

  /** Whether {@code candidate} lies in this range. */
  public boolean contains(Bytes candidate) {
    if (single()) {
      return candidate.equals(key);
    }
    Bytes end = end();
    return candidate.compareTo(key) >= 0 && (end == null || candidate.compareTo(end) < 0);
  }

  /** Whether some key could lie in both ranges. */
  public boolean overlaps(KeyRange other) {
    if (single()) {
      return other.contains(key);
    }
    if (other.single()) {
      return contains(other.key);
    }
    Bytes low = key.compareTo(other.key) >= 0 ? key : other.key;
    return contains(low) && other.contains(low);
  }

  /** The exclusive end of a range; null where it has none. Not for a single key. */
  @Nullable Bytes end() {
    return rangeEnd.size() == 1 && rangeEnd.at(0) == 0 ? null : rangeEnd;
  }
}
