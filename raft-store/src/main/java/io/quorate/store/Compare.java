package io.quorate.store;

/**
 * One condition of a transaction, etcd's {@code Compare}. An absent key compares as create and mod
 * revision 0, version 0, no lease; a value compare on an absent key is false.
 */
public sealed interface Compare {

  /** The key compared; the first of the range where {@link #rangeEnd()} is not empty. */
  Bytes key();

  /** End of the range (exclusive) in which every key must satisfy, or empty for the one key. */
  Bytes rangeEnd();

  /** The relation demanded between what is stored (left) and the target (right). */
  Relation relation();

  /** Relations of etcd's {@code CompareResult}. */
  enum Relation {
    EQUAL,
    GREATER,
    LESS,
    NOT_EQUAL
  }

  /** Compares the create revision. */
  record ByCreateRevision(Bytes key, Bytes rangeEnd, Relation relation, Revision target)
      implements Compare {}

  /** Compares the mod revision. */
  record ByModRevision(Bytes key, Bytes rangeEnd, Relation relation, Revision target)
      implements Compare {}

  /** Compares the version. */
  record ByVersion(Bytes key, Bytes rangeEnd, Relation relation, long target) implements Compare {}

  /** Compares the value. */
  record ByValue(Bytes key, Bytes rangeEnd, Relation relation, Bytes target) implements Compare {}

  /** Compares the lease. */
  record ByLease(Bytes key, Bytes rangeEnd, Relation relation, LeaseId target) implements Compare {}

  /** The key does not exist. */
  static Compare absent(Bytes key) {
    return new ByCreateRevision(key, Bytes.EMPTY, Relation.EQUAL, Revision.NONE);
  }

  /** The key was created at {@code revision} and still exists. */
  static Compare createdAt(Bytes key, Revision revision) {
    return new ByCreateRevision(key, Bytes.EMPTY, Relation.EQUAL, revision);
  }

  /** The key was last put at {@code revision}; {@link Revision#NONE}: the key is absent. */
  static Compare modifiedAt(Bytes key, Revision revision) {
    return new ByModRevision(key, Bytes.EMPTY, Relation.EQUAL, revision);
  }

  /** The key has this value. */
  static Compare hasValue(Bytes key, Bytes value) {
    return new ByValue(key, Bytes.EMPTY, Relation.EQUAL, value);
  }
}
