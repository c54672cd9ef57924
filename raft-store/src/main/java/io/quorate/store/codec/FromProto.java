package io.quorate.store.codec;

import com.google.protobuf.ByteString;
import io.quorate.proto.store.v1.StoreLog;
import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.RequestId;
import io.quorate.store.machine.StoreCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Messages as the store's types. What no version of this program writes, for instance a kind that
 * is not set, is an {@link CodecException} of kind {@code UNKNOWN_FORMAT}: a newer version may.
 */
public final class FromProto {
  private FromProto() {}

  /** The bytes. */
  public static Bytes bytes(ByteString bytes) {
    return Bytes.of(bytes.toByteArray());
  }

  static StoreCommand command(StoreLog.Command command) throws CodecException {
    return switch (command.getKindCase()) {
      case TXN -> {
        StoreLog.TxnCommand txn = command.getTxn();
        Optional<RequestId> request =
            txn.hasRequest()
                ? Optional.of(
                    new RequestId(txn.getRequest().getSession(), txn.getRequest().getSequence()))
                : Optional.empty();
        yield new StoreCommand.TxnCommand(
            txn(txn.getTxn()), principal(txn.getPrincipal()), request);
      }
      case OPEN_SESSION -> new StoreCommand.OpenSession();
      case GRANT_LEASE ->
          new StoreCommand.GrantLease(
              new LeaseId(command.getGrantLease().getId()),
              command.getGrantLease().getTtlMillis(),
              // Absent: a member's, as all were before clients could grant any.
              command.getGrantLease().getPrincipal() == StoreLog.Principal.PRINCIPAL_UNSPECIFIED
                  ? Principal.MEMBER
                  : principal(command.getGrantLease().getPrincipal()));
      case REVOKE_LEASE ->
          new StoreCommand.RevokeLease(
              new LeaseId(command.getRevokeLease().getId()),
              principal(command.getRevokeLease().getPrincipal()));
      case EXPIRE_LEASE ->
          new StoreCommand.ExpireLease(
              new LeaseId(command.getExpireLease().getId()),
              command.getExpireLease().getGeneration(),
              command.getExpireLease().getDecisionTerm());
      case GUARD_PREFIX ->
          new StoreCommand.GuardPrefix(bytes(command.getGuardPrefix().getPrefix()));
      case COMPACT -> new StoreCommand.Compact(new Revision(command.getCompact().getRevision()));
      case BATCH ->
          throw new CodecException(
              CodecException.Kind.CORRUPT, "entries where one command belongs");
      case KIND_NOT_SET -> throw unknown("command");
    };
  }

  /** On whose behalf. */
  public static Principal principal(StoreLog.Principal principal) throws CodecException {
    return switch (principal) {
      case PRINCIPAL_MEMBER -> Principal.MEMBER;
      case PRINCIPAL_CLIENT -> Principal.CLIENT;
      case PRINCIPAL_UNSPECIFIED, UNRECOGNIZED -> throw unknown("principal");
    };
  }

  /** A transaction. */
  public static Txn txn(StoreLog.Txn txn) throws CodecException {
    List<Compare> compares = new ArrayList<>(txn.getComparesCount());
    for (StoreLog.Compare compare : txn.getComparesList()) {
      compares.add(compare(compare));
    }
    return new Txn(compares, ops(txn.getThenList()), ops(txn.getOtherwiseList()));
  }

  private static Compare compare(StoreLog.Compare compare) throws CodecException {
    Bytes key = bytes(compare.getKey());
    Bytes end = bytes(compare.getRangeEnd());
    Compare.Relation relation = relation(compare.getRelation());
    return switch (compare.getTargetCase()) {
      case CREATE_REVISION ->
          new Compare.ByCreateRevision(
              key, end, relation, new Revision(compare.getCreateRevision()));
      case MOD_REVISION ->
          new Compare.ByModRevision(key, end, relation, new Revision(compare.getModRevision()));
      case VERSION -> new Compare.ByVersion(key, end, relation, compare.getVersion());
      case VALUE -> new Compare.ByValue(key, end, relation, bytes(compare.getValue()));
      case LEASE -> new Compare.ByLease(key, end, relation, new LeaseId(compare.getLease()));
      case TARGET_NOT_SET -> throw unknown("compare");
    };
  }

  private static Compare.Relation relation(StoreLog.Relation relation) throws CodecException {
    return switch (relation) {
      case RELATION_EQUAL -> Compare.Relation.EQUAL;
      case RELATION_GREATER -> Compare.Relation.GREATER;
      case RELATION_LESS -> Compare.Relation.LESS;
      case RELATION_NOT_EQUAL -> Compare.Relation.NOT_EQUAL;
      case RELATION_UNSPECIFIED, UNRECOGNIZED -> throw unknown("relation");
    };
  }

  private static List<Op> ops(List<StoreLog.Op> messages) throws CodecException {
    List<Op> ops = new ArrayList<>(messages.size());
    for (StoreLog.Op op : messages) {
      ops.add(
          switch (op.getKindCase()) {
            case RANGE -> new Op.Range(query(op.getRange()));
            case PUT -> put(op.getPut());
            case DELETE_RANGE ->
                new Op.DeleteRange(
                    bytes(op.getDeleteRange().getKey()),
                    bytes(op.getDeleteRange().getRangeEnd()),
                    op.getDeleteRange().getPrevKv());
            case NESTED -> new Op.Nested(txn(op.getNested()));
            case KIND_NOT_SET -> throw unknown("operation");
          });
    }
    return ops;
  }

  private static Op.Put put(StoreLog.Put put) {
    return new Op.Put(
        bytes(put.getKey()),
        bytes(put.getValue()),
        new LeaseId(put.getLease()),
        put.getPrevKv(),
        put.getIgnoreValue(),
        put.getIgnoreLease());
  }

  /** A range query. */
  public static RangeQuery query(StoreLog.RangeQuery query) throws CodecException {
    return new RangeQuery(
        bytes(query.getKey()),
        bytes(query.getRangeEnd()),
        query.getLimit(),
        new Revision(query.getRevision()),
        switch (query.getSortOrder()) {
          case SORT_ORDER_NONE -> RangeQuery.SortOrder.NONE;
          case SORT_ORDER_ASCEND -> RangeQuery.SortOrder.ASCEND;
          case SORT_ORDER_DESCEND -> RangeQuery.SortOrder.DESCEND;
          case UNRECOGNIZED -> throw unknown("sort order");
        },
        switch (query.getSortTarget()) {
          case SORT_TARGET_KEY -> RangeQuery.SortTarget.KEY;
          case SORT_TARGET_VERSION -> RangeQuery.SortTarget.VERSION;
          case SORT_TARGET_CREATE -> RangeQuery.SortTarget.CREATE;
          case SORT_TARGET_MOD -> RangeQuery.SortTarget.MOD;
          case SORT_TARGET_VALUE -> RangeQuery.SortTarget.VALUE;
          case UNRECOGNIZED -> throw unknown("sort target");
        },
        query.getKeysOnly(),
        query.getCountOnly(),
        new Revision(query.getMinModRevision()),
        new Revision(query.getMaxModRevision()),
        new Revision(query.getMinCreateRevision()),
        new Revision(query.getMaxCreateRevision()));
  }

  /** A key. */
  public static KeyValue keyValue(StoreLog.KeyValue keyValue) {
    Revision created = new Revision(keyValue.getCreateRevision());
    return new KeyValue(
        bytes(keyValue.getKey()),
        bytes(keyValue.getValue()),
        created,
        keyValue.getModRevision() == created.value()
            ? created
            : new Revision(keyValue.getModRevision()),
        keyValue.getVersion(),
        keyValue.getLease() == 0 ? LeaseId.NONE : new LeaseId(keyValue.getLease()));
  }

  private static List<KeyValue> keyValues(List<StoreLog.KeyValue> messages) {
    return messages.stream().map(FromProto::keyValue).toList();
  }

  /** How a command ended. */
  public static CommandResult result(StoreLog.Result result) throws CodecException {
    return switch (result.getKindCase()) {
      case TXN ->
          new CommandResult.TxnDone(
              new TxnResult(
                  result.getTxn().getSucceeded(),
                  results(result.getTxn().getResultsList()),
                  new Revision(result.getTxn().getRevision())));
      case SESSION_OPENED -> new CommandResult.SessionOpened(result.getSessionOpened());
      case LEASE_GRANTED ->
          new CommandResult.LeaseGranted(
              new LeaseId(result.getLeaseGranted().getId()),
              result.getLeaseGranted().getGeneration(),
              result.getLeaseGranted().getTtlMillis());
      case LEASE_ENDED -> new CommandResult.LeaseEnded(new LeaseId(result.getLeaseEnded()));
      case EXPIRY_IGNORED ->
          new CommandResult.ExpiryIgnored(new LeaseId(result.getExpiryIgnored()));
      case PREFIX_GUARDED ->
          new CommandResult.PrefixGuarded(new Revision(result.getPrefixGuarded()));
      case COMPACTED -> new CommandResult.Compacted(new Revision(result.getCompacted()));
      case REFUSED -> new CommandResult.Refused(error(result.getRefused()));
      case FORGOTTEN -> new CommandResult.Forgotten(result.getForgotten());
      case KIND_NOT_SET -> throw unknown("result");
    };
  }

  private static List<OpResult> results(List<StoreLog.OpResult> messages) throws CodecException {
    List<OpResult> results = new ArrayList<>(messages.size());
    for (StoreLog.OpResult result : messages) {
      results.add(
          switch (result.getKindCase()) {
            case RANGE -> range(result.getRange());
            case PUT ->
                new OpResult.Put(
                    result.getPut().hasPrevious()
                        ? Optional.of(keyValue(result.getPut().getPrevious()))
                        : Optional.empty());
            case DELETE_RANGE ->
                new OpResult.DeleteRange(
                    result.getDeleteRange().getDeleted(),
                    keyValues(result.getDeleteRange().getPreviousList()));
            case NESTED ->
                new OpResult.Nested(
                    result.getNested().getSucceeded(),
                    results(result.getNested().getResultsList()));
            case KIND_NOT_SET -> throw unknown("result of an operation");
          });
    }
    return results;
  }

  private static OpResult.Range range(StoreLog.RangeResult range) {
    return new OpResult.Range(
        keyValues(range.getKeysList()),
        range.getMore(),
        range.getCount(),
        new Revision(range.getRevision()));
  }

  /** Answer to a range query. */
  public static Outcome<OpResult.Range> answer(StoreLog.RangeAnswer answer) throws CodecException {
    return switch (answer.getKindCase()) {
      case DONE -> new Outcome.Done<>(range(answer.getDone()));
      case NOT_DONE -> new Outcome.NotDone<>(error(answer.getNotDone()));
      case UNKNOWN -> new Outcome.Unknown<>(answer.getUnknown());
      case KIND_NOT_SET -> throw unknown("answer");
    };
  }

  /** A refusal. */
  public static StoreError error(StoreLog.Error error) throws CodecException {
    return new StoreError(code(error.getCode()), error.getMessage());
  }

  private static StoreError.Code code(StoreLog.ErrorCode code) throws CodecException {
    return switch (code) {
      case ERROR_CODE_COMPACTED -> StoreError.Code.COMPACTED;
      case ERROR_CODE_FUTURE_REVISION -> StoreError.Code.FUTURE_REVISION;
      case ERROR_CODE_KEY_NOT_FOUND -> StoreError.Code.KEY_NOT_FOUND;
      case ERROR_CODE_LEASE_NOT_FOUND -> StoreError.Code.LEASE_NOT_FOUND;
      case ERROR_CODE_LEASE_EXISTS -> StoreError.Code.LEASE_EXISTS;
      case ERROR_CODE_INVALID_ARGUMENT -> StoreError.Code.INVALID_ARGUMENT;
      case ERROR_CODE_PERMISSION_DENIED -> StoreError.Code.PERMISSION_DENIED;
      case ERROR_CODE_NO_SPACE -> StoreError.Code.NO_SPACE;
      case ERROR_CODE_UNAVAILABLE -> StoreError.Code.UNAVAILABLE;
      case ERROR_CODE_OVERLOADED -> StoreError.Code.OVERLOADED;
      case ERROR_CODE_CLOSED -> StoreError.Code.CLOSED;
      case ERROR_CODE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("error code");
    };
  }

  static CodecException unknown(String what) {
    return new CodecException(
        CodecException.Kind.UNKNOWN_FORMAT,
        "a "
            + what
            + " of a kind that this version does not know: upgrade this member before it goes on");
  }
}
