package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.Principal;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import java.util.Optional;

/** What the replicated log holds. A new kind is proposed only when all members know it. */
public sealed interface StoreCommand {

  /**
   * Runs a transaction.
   *
   * @param request set where a repeat of this command must not take effect twice
   */
  record TxnCommand(Txn txn, Principal principal, Optional<RequestId> request)
      implements StoreCommand {}

  /** Opens a session; its id, unique for ever, is in the result. */
  record OpenSession() implements StoreCommand {}

  /**
   * Grants a lease.
   *
   * @param id chosen by the client, not {@link LeaseId#NONE}
   * @param ttlMillis 1 000 up to {@link StoreLimits#MAX_TTL_MILLIS}
   * @param principal clients leave {@link StoreLimits#RESERVED_LEASES} and the reserve of bytes to
   *     members
   */
  record GrantLease(LeaseId id, long ttlMillis, Principal principal) implements StoreCommand {}

  /** Ends a lease on behalf of {@code principal} and deletes its keys. */
  record RevokeLease(LeaseId id, Principal principal) implements StoreCommand {}

  /**
   * Ends a lease whose time ran out. Takes effect only if the lease still is of this generation and
   * the entry stands in the log under the very term in which the leader decided: a decision that
   * was overtaken by a newer leader, who may have renewed the lease, must not kill it.
   */
  record ExpireLease(LeaseId id, long generation, long decisionTerm) implements StoreCommand {}

  /** From now on only members write keys with this prefix. */
  record GuardPrefix(Bytes prefix) implements StoreCommand {}

  /** Forgets what lies before {@code revision}. */
  record Compact(Revision revision) implements StoreCommand {}
}
