package io.quorate.store.machine;

import io.quorate.store.LeaseId;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.TxnResult;

/** How a command ended; the same on every replica. */
public sealed interface CommandResult {

  /** The transaction ran. */
  record TxnDone(TxnResult result) implements CommandResult {}

  /** A session is open under this id. */
  record SessionOpened(long session) implements CommandResult {}

  /** The lease is granted. */
  record LeaseGranted(LeaseId id, long generation, long ttlMillis) implements CommandResult {}

  /** The lease was there and is gone, with its keys. */
  record LeaseEnded(LeaseId id) implements CommandResult {}

  /** The expiry came too late, or for a former lease of that id; nothing was done. */
  record ExpiryIgnored(LeaseId id) implements CommandResult {}

  /** The prefix is guarded as of this revision, or was before. */
  record PrefixGuarded(Revision revision) implements CommandResult {}

  /** History now begins at this revision. */
  record Compacted(Revision revision) implements CommandResult {}

  /** Certainly not done, and the log entry never will be. */
  record Refused(StoreError error) implements CommandResult {}

  /**
   * A repeat of a request whose first answer is no longer known here. Nothing was done now; what
   * the first one did is unknown, and must be told so.
   */
  record Forgotten(String reason) implements CommandResult {}
}
