package io.quorate.store.machine;

import io.quorate.invariant.Invariant;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.Principal;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.machine.StoreCommand.TxnCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The replicated state machine. One thread applies; {@link #state()} may be read by any.
 *
 * <p>The state is an immutable value that is published by one volatile write for each command. So a
 * reader sees all of a command or nothing of it, never waits for apply and never makes it wait, and
 * a snapshot is taken from a reference while applying goes on.
 */
public final class StoreMachine {
  private final StoreRules rules;
  private volatile StoreState state;

  /** A machine that goes on from {@code state}. */
  public StoreMachine(StoreState state, StoreRules rules) {
    this.state = state;
    this.rules = rules;
  }

  /** A machine of an empty store with the bounds of a new store. */
  public StoreMachine() {
    this(StoreState.empty(StoreLimits.DEFAULT), StoreRules.STRICT);
  }

  /** The state after the last command. */
  public StoreState state() {
    return state;
  }

  /** Goes on from another state: a snapshot was installed. */
  public void restore(StoreState installed) {
    state = installed;
  }

  /** Notes a log entry that holds no command, so that {@link #state()} tells its position. */
  public void skip(long term, long index) {
    Position position = next(term, index);
    state = new Draft(state).finish(position);
  }

  /**
   * Applies the command of the next log entry. A command that cannot be done has a result that says
   * so and changes nothing.
   *
   * @param term term of the entry
   * @param index index of the entry, above all before
   * @throws io.quorate.invariant.InvariantViolation when the log goes back, or the state is broken
   */
  public Applied apply(StoreCommand command, long term, long index) {
    return applyAll(List.of(command), term, index).getFirst();
  }

  /**
   * Applies the commands of the next log entry, one after the other; readers see all of them or
   * none.
   *
   * @param commands one, or several numbered transactions of one session
   * @return for each what it gave
   * @throws io.quorate.invariant.InvariantViolation as {@link #apply}
   */
  public List<Applied> applyAll(List<StoreCommand> commands, long term, long index) {
    Position position = next(term, index);
    Invariant.check(
        commands.size() == 1 || ofOneSession(commands),
        "entry (%s, %s) holds several commands, and not all are transactions of one session",
        term,
        index);
    StoreState now = state;
    List<Applied> applied = new ArrayList<>(commands.size());
    for (StoreCommand command : commands) {
      now = step(command, now, position, applied);
    }
    state = now;
    return applied;
  }

  /** A session is known by the entry that opened it, and ordered by the entry that used it last. */
  private static boolean ofOneSession(List<StoreCommand> commands) {
    return commands.stream()
            .allMatch(command -> command instanceof TxnCommand txn && txn.request().isPresent())
        && commands.stream()
                .map(command -> ((TxnCommand) command).request().get().session())
                .distinct()
                .count()
            == 1;
  }

  private StoreState step(
      StoreCommand command, StoreState before, Position position, List<Applied> applied) {
    Draft draft = new Draft(before);
    CommandResult result = run(command, draft, position);
    if (result instanceof CommandResult.Refused) {
      draft = new Draft(before);
    }
    remember(command, result, draft, position);
    StoreState after = draft.finish(position);
    applied.add(new Applied(result, after.revision(), draft.events(), draft.leaseChanges()));
    return after;
  }

  private Position next(long term, long index) {
    Position last = state.position();
    Invariant.check(
        index > last.index() && term >= last.term(),
        "entry (%s, %s) cannot follow %s",
        term,
        index,
        last);
    return new Position(term, index);
  }

  private CommandResult run(StoreCommand command, Draft draft, Position position) {
    return switch (command) {
      case TxnCommand txn -> {
        Optional<CommandResult> known = known(txn, draft);
        yield known.isPresent()
            ? known.get()
            : TxnRun.run(txn.txn(), txn.principal(), draft, rules);
      }
      case StoreCommand.OpenSession() -> {
        draft.sessions(draft.sessions().open(position.index(), draft.base().limits()));
        yield new CommandResult.SessionOpened(position.index());
      }
      case StoreCommand.GrantLease grant ->
          grant(grant.id(), grant.ttlMillis(), grant.principal(), draft);
      case StoreCommand.RevokeLease(LeaseId id, Principal principal) ->
          revoke(id, principal, draft);
      case StoreCommand.ExpireLease expiry -> expire(expiry, position, draft);
      case StoreCommand.GuardPrefix(Bytes prefix) -> guard(prefix, draft);
      case StoreCommand.Compact(Revision revision) -> compact(revision, draft);
    };
  }

  private Optional<CommandResult> known(TxnCommand txn, Draft draft) {
    if (txn.request().isEmpty() || !rules.repeatsAnswered()) {
      return Optional.empty();
    }
    return switch (draft.sessions().find(txn.request().get())) {
      case Sessions.Lookup.Fresh() -> Optional.empty();
      case Sessions.Lookup.Answer(CommandResult result) -> Optional.of(result);
    };
  }

  /** Keeps the answer of a request that ran, a refusal as well: it must stay one. */
  private void remember(
      StoreCommand command, CommandResult result, Draft draft, Position position) {
    if (command instanceof TxnCommand txn && txn.request().isPresent()) {
      RequestId request = txn.request().get();
      if (draft.sessions().find(request) instanceof Sessions.Lookup.Fresh) {
        draft.sessions(
            draft.sessions().keep(request, result, position.index(), draft.base().limits()));
      }
    }
  }

  private static CommandResult grant(LeaseId id, long ttlMillis, Principal principal, Draft draft) {
    StoreState before = draft.base();
    if (id.equals(LeaseId.NONE)) {
      return refused(StoreErrors.LEASE_ID_ZERO);
    }
    if (ttlMillis > StoreLimits.MAX_TTL_MILLIS) {
      return refused(StoreErrors.LEASE_TTL_TOO_LARGE);
    }
    if (ttlMillis < StoreLimits.MIN_TTL_MILLIS) {
      return refused(StoreErrors.LEASE_TTL_TOO_SMALL);
    }
    if (before.lease(id).isPresent()) {
      return refused(StoreErrors.LEASE_EXISTS);
    }
    boolean member = principal == Principal.MEMBER;
    int most = before.limits().leases() + (member ? StoreLimits.RESERVED_LEASES : 0);
    if (before.leases().size() >= most) {
      return refused(StoreErrors.TOO_MANY_LEASES);
    }
    if (!member
        && before.bytes() + StoreLimits.LEASE_OVERHEAD_BYTES > before.limits().quotaBytes()) {
      return refused(StoreErrors.NO_SPACE);
    }
    Lease lease = draft.grant(id, ttlMillis);
    return new CommandResult.LeaseGranted(id, lease.generation(), ttlMillis);
  }

  private CommandResult revoke(LeaseId id, Principal principal, Draft draft) {
    Lease lease = draft.base().leases().get(id.value());
    if (lease == null) {
      return refused(StoreErrors.LEASE_NOT_FOUND);
    }
    if (rules.guardsHold() && principal == Principal.CLIENT && draft.base().guarded(lease)) {
      return refused(StoreError.PERMISSION_DENIED);
    }
    draft.end(lease);
    return new CommandResult.LeaseEnded(id);
  }

  private CommandResult expire(StoreCommand.ExpireLease expiry, Position position, Draft draft) {
    Lease lease = draft.base().leases().get(expiry.id().value());
    boolean sameGeneration =
        lease != null
            && (lease.generation() == expiry.generation() || !rules.expiryNeedsGeneration());
    boolean sameTerm = expiry.decisionTerm() == position.term() || !rules.expiryNeedsTermStamp();
    if (lease == null || !sameGeneration || !sameTerm) {
      return new CommandResult.ExpiryIgnored(expiry.id());
    }
    draft.end(lease);
    return new CommandResult.LeaseEnded(expiry.id());
  }

  private static CommandResult guard(Bytes prefix, Draft draft) {
    StoreState before = draft.base();
    if (prefix.size() == 0 || prefix.size() > StoreLimits.GUARD_BYTES) {
      return refused(StoreErrors.BAD_GUARD);
    }
    if (before.guards().get(prefix) == null && before.guards().size() >= before.limits().guards()) {
      return refused(StoreErrors.TOO_MANY_GUARDS);
    }
    draft.guard(prefix);
    return new CommandResult.PrefixGuarded(before.revision());
  }

  private static CommandResult compact(Revision revision, Draft draft) {
    StoreState before = draft.base();
    if (revision.compareTo(before.revision()) > 0) {
      return refused(StoreErrors.FUTURE_REVISION);
    }
    if (revision.compareTo(before.compactRevision()) <= 0) {
      return refused(StoreErrors.COMPACTED);
    }
    draft.compact(revision);
    return new CommandResult.Compacted(revision);
  }

  private static CommandResult refused(StoreError error) {
    return new CommandResult.Refused(error);
  }
}
