package io.quorate.store;

/**
 * What to watch.
 *
 * @param rangeEnd as in {@link RangeQuery}
 * @param startRevision first revision to deliver; {@link Revision#NONE} = from the next change on
 */
public record WatchQuery(Bytes key, Bytes rangeEnd, Revision startRevision, boolean prevKv) {

  /** All keys with this prefix from {@code startRevision} on, without previous values. */
  public static WatchQuery prefix(Bytes prefix, Revision startRevision) {
    return new WatchQuery(prefix, prefix.prefixEnd(), startRevision, false);
  }
}
