package io.quorate.store.machine;

import io.quorate.invariant.Invariant;
import io.quorate.store.LeaseId;
import io.quorate.store.Outcome;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.TxnResult;
import org.jspecify.annotations.Nullable;

/** Results of commands as outcomes of the requests that they came from. */
public final class Outcomes {
  private Outcomes() {}

  /** Of a transaction. */
  public static Outcome<TxnResult> txn(CommandResult result) {
    return outcome(result, result instanceof CommandResult.TxnDone(TxnResult txn) ? txn : null);
  }

  /** Of granting a lease. */
  public static Outcome<LeaseId> granted(CommandResult result) {
    return outcome(
        result,
        result instanceof CommandResult.LeaseGranted(LeaseId id, long _, long _) ? id : null);
  }

  /** Of revoking a lease. */
  public static Outcome<LeaseId> ended(CommandResult result) {
    return outcome(result, result instanceof CommandResult.LeaseEnded(LeaseId id) ? id : null);
  }

  /** Of guarding a prefix. */
  public static Outcome<Revision> guarded(CommandResult result) {
    return outcome(result, result instanceof CommandResult.PrefixGuarded(Revision at) ? at : null);
  }

  /** Of compacting. */
  public static Outcome<Revision> compacted(CommandResult result) {
    return outcome(result, result instanceof CommandResult.Compacted(Revision at) ? at : null);
  }

  private static <T> Outcome<T> outcome(CommandResult result, @Nullable T done) {
    if (result instanceof CommandResult.Refused(StoreError error)) {
      return new Outcome.NotDone<>(error);
    }
    if (result instanceof CommandResult.Forgotten(String reason)) {
      return new Outcome.Unknown<>(reason);
    }
    return new Outcome.Done<>(
        Invariant.present(done, "%s is the result of another kind of command", result));
  }
}
