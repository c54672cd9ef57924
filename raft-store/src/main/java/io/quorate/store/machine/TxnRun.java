package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.Compare.Relation;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs one transaction in etcd's order: all compares, also those of nested transactions, against
 * what was there before; then all checks of the branches chosen; only then the operations.
 */
final class TxnRun {
  /** What an absent key compares as. */
  private static final KeyValue ABSENT =
      new KeyValue(Bytes.EMPTY, Bytes.EMPTY, Revision.NONE, Revision.NONE, 0, LeaseId.NONE);

  private final Draft draft;
  private final StoreState before;
  private long readBytes;

  private TxnRun(Draft draft) {
    this.draft = draft;
    this.before = draft.base();
  }

  /** Runs {@code txn} in {@code draft}, which is to be dropped if the result is a refusal. */
  static CommandResult run(Txn txn, Principal principal, Draft draft, StoreRules rules) {
    Optional<StoreError> objection = TxnCheck.objection(txn, draft.base().limits());
    if (objection.isPresent()) {
      return new CommandResult.Refused(objection.get());
    }
    if (rules.guardsHold() && principal == Principal.CLIENT) {
      for (KeyRange range : TxnCheck.written(txn)) {
        if (draft.base().guarded(range)) {
          return new CommandResult.Refused(StoreError.PERMISSION_DENIED);
        }
      }
    }
    return new TxnRun(draft).run(txn, principal);
  }

  private CommandResult run(Txn txn, Principal principal) {
    Chosen chosen = choose(txn);
    Optional<StoreError> error = check(chosen);
    if (error.isPresent()) {
      return new CommandResult.Refused(error.get());
    }
    List<OpResult> results = execute(chosen);
    if (readsTooMuch()) {
      return new CommandResult.Refused(StoreErrors.READS_TOO_MUCH);
    }
    long quota =
        before.limits().quotaBytes()
            + (principal == Principal.MEMBER ? before.limits().reserveBytes() : 0);
    if (draft.bytes() > quota && draft.bytes() > before.bytes()) {
      return new CommandResult.Refused(StoreErrors.NO_SPACE);
    }
    return new CommandResult.TxnDone(new TxnResult(chosen.succeeded, results, draft.revision()));
  }

  /** The branch a transaction takes; a nested transaction's place holds its own choice. */
  private record Chosen(boolean succeeded, List<Step> steps) {}

  private sealed interface Step {
    record Plain(Op op) implements Step {}

    record Inner(Chosen chosen) implements Step {}
  }

  private Chosen choose(Txn txn) {
    boolean succeeded = true;
    for (Compare compare : txn.compares()) {
      succeeded = succeeded && holds(compare);
    }
    List<Step> steps = new ArrayList<>();
    for (Op op : succeeded ? txn.then() : txn.otherwise()) {
      steps.add(
          op instanceof Op.Nested(Txn nested)
              ? new Step.Inner(choose(nested))
              : new Step.Plain(op));
    }
    return new Chosen(succeeded, steps);
  }

  private boolean holds(Compare compare) {
    List<KeyValue> found =
        RangeReader.collect(
            before.keys(), new KeyRange(compare.key(), compare.rangeEnd()), Long.MAX_VALUE);
    if (found.isEmpty()) {
      return !(compare instanceof Compare.ByValue) && holds(compare, ABSENT);
    }
    for (KeyValue kv : found) {
      if (!holds(compare, kv)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(Compare compare, KeyValue kv) {
    int order =
        switch (compare) {
          case Compare.ByCreateRevision by -> kv.createRevision().compareTo(by.target());
          case Compare.ByModRevision by -> kv.modRevision().compareTo(by.target());
          case Compare.ByVersion by -> Long.compare(kv.version(), by.target());
          case Compare.ByValue by -> kv.value().compareTo(by.target());
          case Compare.ByLease by -> Long.compare(kv.lease().value(), by.target().value());
        };
    return holds(compare.relation(), order);
  }

  private static boolean holds(Relation relation, int order) {
    return switch (relation) {
      case EQUAL -> order == 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case NOT_EQUAL -> order != 0;
    };
  }

  private Optional<StoreError> check(Chosen chosen) {
    for (Step step : chosen.steps) {
      Optional<StoreError> error =
          switch (step) {
            case Step.Inner(Chosen inner) -> check(inner);
            case Step.Plain(Op.Range(RangeQuery query)) -> check(query);
            case Step.Plain(Op.Put put) -> check(put);
            case Step.Plain(Op.DeleteRange _) -> Optional.empty();
            case Step.Plain(Op.Nested _) -> Optional.empty();
          };
      if (error.isPresent()) {
        return error;
      }
    }
    return Optional.empty();
  }

  private Optional<StoreError> check(RangeQuery query) {
    if (query.revision().compareTo(before.revision()) > 0) {
      return Optional.of(StoreErrors.FUTURE_REVISION);
    }
    return before.compacted(query.revision())
        ? Optional.of(StoreErrors.COMPACTED)
        : Optional.empty();
  }

  private Optional<StoreError> check(Op.Put put) {
    if ((put.ignoreValue() || put.ignoreLease()) && before.find(put.key()).isEmpty()) {
      return Optional.of(StoreErrors.KEY_NOT_FOUND);
    }
    return put.lease().equals(LeaseId.NONE) || before.lease(put.lease()).isPresent()
        ? Optional.empty()
        : Optional.of(StoreErrors.LEASE_NOT_FOUND);
  }

  private List<OpResult> execute(Chosen chosen) {
    List<OpResult> results = new ArrayList<>();
    for (Step step : chosen.steps) {
      if (readsTooMuch()) {
        break; // All of it will be dropped.
      }
      switch (step) {
        case Step.Inner(Chosen inner) ->
            results.add(new OpResult.Nested(inner.succeeded, execute(inner)));
        case Step.Plain(Op.Range(RangeQuery query)) -> results.add(read(query));
        case Step.Plain(Op.Put put) -> results.add(put(put));
        case Step.Plain(Op.DeleteRange delete) -> results.add(delete(delete));
        case Step.Plain(Op.Nested _) -> {}
      }
    }
    return results;
  }

  /** A read of "now" sees what the transaction has done so far. */
  private OpResult read(RangeQuery query) {
    OpResult.Range range =
        RangeReader.read(
            query.revision().value() == 0 ? draft.keys() : before.keysAt(query),
            query,
            draft.revision());
    readBytes += Weights.ofKeys(range.keys());
    return range;
  }

  private boolean readsTooMuch() {
    return readBytes > StoreLimits.TXN_READ_BYTES;
  }

  private OpResult put(Op.Put put) {
    Optional<KeyValue> previous = Optional.ofNullable(draft.keys().get(put.key()));
    Bytes value = put.value();
    LeaseId lease = put.lease();
    if (previous.isPresent()) {
      value = put.ignoreValue() ? previous.get().value() : value;
      lease = put.ignoreLease() ? previous.get().lease() : lease;
    }
    draft.put(put.key(), value, lease);
    return new OpResult.Put(put.prevKv() ? previous : Optional.empty());
  }

  private OpResult delete(Op.DeleteRange delete) {
    List<KeyValue> present =
        RangeReader.collect(
            draft.keys(), new KeyRange(delete.key(), delete.rangeEnd()), Long.MAX_VALUE);
    present.forEach(draft::delete);
    return new OpResult.DeleteRange(present.size(), delete.prevKv() ? present : List.of());
  }
}
