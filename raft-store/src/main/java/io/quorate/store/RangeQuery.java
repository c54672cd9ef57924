package io.quorate.store;

/**
 * What to read, etcd's {@code RangeRequest}.
 *
 * @param rangeEnd empty: the one key; one zero byte: from {@code key} to the end; else exclusive
 * @param limit at most so many keys; 0 = no limit
 * @param revision read as of this revision; {@link Revision#NONE} = now
 * @param minModRevision only keys put at or after; NONE = no bound (the same for the other three)
 */
public record RangeQuery(
    Bytes key,
    Bytes rangeEnd,
    long limit,
    Revision revision,
    SortOrder sortOrder,
    SortTarget sortTarget,
    boolean keysOnly,
    boolean countOnly,
    Revision minModRevision,
    Revision maxModRevision,
    Revision minCreateRevision,
    Revision maxCreateRevision) {

  /** Order of the answer. */
  public enum SortOrder {
    NONE,
    ASCEND,
    DESCEND
  }

  /** What the order is by. */
  public enum SortTarget {
    KEY,
    VERSION,
    CREATE,
    MOD,
    VALUE
  }

  /** The one key, now. */
  public static RangeQuery key(Bytes key) {
    return range(key, Bytes.EMPTY);
  }

  /** All keys with this prefix, now. */
  public static RangeQuery prefix(Bytes prefix) {
    return range(prefix, prefix.prefixEnd());
  }

  /** All keys from {@code key} up to, without, {@code rangeEnd}, now. */
  public static RangeQuery range(Bytes key, Bytes rangeEnd) {
    return new RangeQuery(
        key,
        rangeEnd,
        0,
        Revision.NONE,
        SortOrder.NONE,
        SortTarget.KEY,
        false,
        false,
        Revision.NONE,
        Revision.NONE,
        Revision.NONE,
        Revision.NONE);
  }
}
