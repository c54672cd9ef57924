package io.quorate.store;

/** One operation of a transaction's branch, etcd's {@code RequestOp}. */
public sealed interface Op {

  /** Reads, at the revision the transaction runs at. */
  record Range(RangeQuery query) implements Op {}

  /**
   * Puts a key.
   *
   * @param lease attach to this lease ({@link LeaseId#NONE}: to none)
   * @param prevKv return what was there
   * @param ignoreValue keep the present value (the key must exist)
   * @param ignoreLease keep the present lease (the key must exist)
   */
  record Put(
      Bytes key,
      Bytes value,
      LeaseId lease,
      boolean prevKv,
      boolean ignoreValue,
      boolean ignoreLease)
      implements Op {}

  /** Deletes a key or range. */
  record DeleteRange(Bytes key, Bytes rangeEnd, boolean prevKv) implements Op {}

  /** A nested transaction. */
  record Nested(Txn txn) implements Op {}

  /** Puts a key without a lease. */
  static Op put(Bytes key, Bytes value) {
    return new Put(key, value, LeaseId.NONE, false, false, false);
  }

  /** Puts a key attached to a lease. */
  static Op put(Bytes key, Bytes value, LeaseId lease) {
    return new Put(key, value, lease, false, false, false);
  }

  /** Deletes one key. */
  static Op delete(Bytes key) {
    return new DeleteRange(key, Bytes.EMPTY, false);
  }

  /** Reads. */
  static Op get(RangeQuery query) {
    return new Range(query);
  }
}
