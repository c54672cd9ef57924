package io.quorate.store;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A linearizable key-value store with leases and watches, etcd's model. Any thread may call; no
 * call blocks; stages complete on threads of the store, so a continuation must hand over to its own
 * thread. A stage never completes exceptionally: refusal and uncertainty are {@link Outcome}s.
 */
public interface Store extends AutoCloseable {

  /** Runs a transaction on behalf of {@code principal}. */
  CompletionStage<Outcome<TxnResult>> txn(Txn txn, Principal principal);

  /** Reads a range. */
  CompletionStage<Outcome<OpResult.Range>> range(RangeQuery query, ReadMode mode);

  /**
   * Grants a lease of the client's choosing.
   *
   * @param ttl 1 s and above; kept to the millisecond
   * @param principal clients cannot use up what members need
   */
  CompletionStage<Outcome<LeaseId>> grantLease(LeaseId id, Duration ttl, Principal principal);

  /** Ends a lease and deletes its keys. */
  CompletionStage<Outcome<LeaseId>> revokeLease(LeaseId id, Principal principal);

  /**
   * Extends a lease to its full time to live. Needs no disk. A client is denied a lease that holds
   * a guarded key: only who holds it decides how long.
   */
  CompletionStage<Renewal> keepAlive(LeaseId id, Principal principal);

  /**
   * Extends the lease under {@code key}, provided that the key still stands with this create
   * revision. Needs no disk.
   */
  CompletionStage<Renewal> renewHold(Bytes key, Revision createRevision);

  /** Watches, from the local replica. */
  Watch watch(WatchQuery query, WatchListener listener);

  /**
   * Only members may write keys with this prefix from now on, nor may others revoke or extend a
   * lease that holds one. Idempotent.
   */
  CompletionStage<Outcome<Revision>> guardPrefix(Bytes prefix);

  /** The local replica's status, now. */
  StoreStatus status();

  /** Calls {@code listener} on each change of {@link #status()}'s leader, term or problem. */
  void onStatusChange(Consumer<StoreStatus> listener);

  /** Moves the store's leadership to {@code member}; done when that member leads. */
  CompletionStage<Outcome<String>> transferLeadership(String member);

  /** Stops serving; outstanding requests end as {@link Outcome.Unknown}. */
  @Override
  void close();

  /** A running watch. */
  interface Watch extends AutoCloseable {
    /** Ends the watch; nothing is delivered once this returns. */
    @Override
    void close();
  }
}
