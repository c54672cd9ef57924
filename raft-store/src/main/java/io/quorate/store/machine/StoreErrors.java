package io.quorate.store.machine;

import io.quorate.store.StoreError;
import io.quorate.store.StoreError.Code;

/** Refusals with etcd's texts, which its clients compare letter by letter. */
final class StoreErrors {
  static final StoreError COMPACTED =
      new StoreError(Code.COMPACTED, "etcdserver: mvcc: required revision has been compacted");
  static final StoreError FUTURE_REVISION =
      new StoreError(
          Code.FUTURE_REVISION, "etcdserver: mvcc: required revision is a future revision");
  static final StoreError KEY_NOT_FOUND =
      new StoreError(Code.KEY_NOT_FOUND, "etcdserver: key not found");
  static final StoreError LEASE_NOT_FOUND =
      new StoreError(Code.LEASE_NOT_FOUND, "etcdserver: requested lease not found");
  static final StoreError LEASE_EXISTS =
      new StoreError(Code.LEASE_EXISTS, "etcdserver: lease already exists");
  static final StoreError LEASE_TTL_TOO_LARGE =
      new StoreError(Code.INVALID_ARGUMENT, "etcdserver: too large lease TTL");
  static final StoreError LEASE_TTL_TOO_SMALL =
      new StoreError(Code.INVALID_ARGUMENT, "lease TTL is below one second");
  static final StoreError LEASE_ID_ZERO =
      new StoreError(Code.INVALID_ARGUMENT, "lease id 0 means no lease: choose another");
  static final StoreError TOO_MANY_LEASES =
      new StoreError(Code.NO_SPACE, "too many leases: revoke some, or let them expire");
  static final StoreError EMPTY_KEY =
      new StoreError(Code.INVALID_ARGUMENT, "etcdserver: key is not provided");
  static final StoreError VALUE_PROVIDED =
      new StoreError(Code.INVALID_ARGUMENT, "etcdserver: value is provided");
  static final StoreError LEASE_PROVIDED =
      new StoreError(Code.INVALID_ARGUMENT, "etcdserver: lease is provided");
  static final StoreError TOO_MANY_OPS =
      new StoreError(Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request");
  static final StoreError DUPLICATE_KEY =
      new StoreError(Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request");
  static final StoreError TOO_LARGE =
      new StoreError(Code.INVALID_ARGUMENT, "etcdserver: request is too large");
  static final StoreError READS_TOO_MUCH =
      new StoreError(
          Code.INVALID_ARGUMENT,
          "the reads of the transaction answer too much: narrow them, or read outside of it");
  static final StoreError NO_SPACE =
      new StoreError(Code.NO_SPACE, "etcdserver: mvcc: database space exceeded");
  static final StoreError BAD_GUARD =
      new StoreError(Code.INVALID_ARGUMENT, "guarded prefix is empty or too long");
  static final StoreError TOO_MANY_GUARDS =
      new StoreError(Code.INVALID_ARGUMENT, "too many guarded prefixes");
  static final StoreError BAD_SEQUENCE =
      new StoreError(Code.INVALID_ARGUMENT, "sequence numbers of a session begin with 1");

  private StoreErrors() {}
}
