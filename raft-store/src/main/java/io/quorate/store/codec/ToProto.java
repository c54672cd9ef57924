package io.quorate.store.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.quorate.proto.store.v1.StoreLog;
import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.KeyValue;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.StoreError;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.machine.CommandResult;
import io.quorate.store.machine.StoreCommand;
import java.util.List;

/** The store's types as messages; {@link FromProto} is the way back. */
public final class ToProto {
  private ToProto() {}

  /** Bytes without a further copy of the copy. */
  public static ByteString bytes(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.toByteArray());
  }

  static StoreLog.Command command(StoreCommand command) {
    StoreLog.Command.Builder builder = StoreLog.Command.newBuilder();
    return switch (command) {
      case StoreCommand.TxnCommand(Txn txn, Principal principal, var request) -> {
        StoreLog.TxnCommand.Builder inner =
            StoreLog.TxnCommand.newBuilder().setTxn(txn(txn)).setPrincipal(principal(principal));
        request.ifPresent(id ->
            inner.setRequest(
                StoreLog.RequestId.newBuilder()
                    .setSession(id.session())
                    .setSequence(id.sequence())));
        yield builder.setTxn(inner).build();
      }
      case StoreCommand.OpenSession() ->
          builder.setOpenSession(StoreLog.OpenSession.getDefaultInstance()).build();
      case StoreCommand.GrantLease(var id, long ttlMillis, Principal principal) -> {
        StoreLog.GrantLease.Builder inner =
            StoreLog.GrantLease.newBuilder().setId(id.value()).setTtlMillis(ttlMillis);
        if (principal != Principal.MEMBER) {
          inner.setPrincipal(principal(principal));
        }
        yield builder.setGrantLease(inner).build();
      }
      case StoreCommand.RevokeLease(var id, Principal principal) ->
          builder
              .setRevokeLease(
                  StoreLog.RevokeLease.newBuilder()
                      .setId(id.value())
                      .setPrincipal(principal(principal)))
              .build();
      case StoreCommand.ExpireLease(var id, long generation, long decisionTerm) ->
          builder
              .setExpireLease(
                  StoreLog.ExpireLease.newBuilder()
                      .setId(id.value())
                      .setGeneration(generation)
                      .setDecisionTerm(decisionTerm))
              .build();
      case StoreCommand.GuardPrefix(Bytes prefix) ->
          builder
              .setGuardPrefix(StoreLog.GuardPrefix.newBuilder().setPrefix(bytes(prefix)))
              .build();
      case StoreCommand.Compact(var revision) ->
          builder.setCompact(StoreLog.Compact.newBuilder().setRevision(revision.value())).build();
    };
  }

  /** On whose behalf. */
  public static StoreLog.Principal principal(Principal principal) {
    return switch (principal) {
      case MEMBER -> StoreLog.Principal.PRINCIPAL_MEMBER;
      case CLIENT -> StoreLog.Principal.PRINCIPAL_CLIENT;
    };
  }

  /** A transaction. */
  public static StoreLog.Txn txn(Txn txn) {
    StoreLog.Txn.Builder builder = StoreLog.Txn.newBuilder();
    txn.compares().forEach(compare -> builder.addCompares(compare(compare)));
    txn.then().forEach(op -> builder.addThen(op(op)));
    txn.otherwise().forEach(op -> builder.addOtherwise(op(op)));
    return builder.build();
  }

  private static StoreLog.Compare compare(Compare compare) {
    StoreLog.Compare.Builder builder =
        StoreLog.Compare.newBuilder()
            .setKey(bytes(compare.key()))
            .setRangeEnd(bytes(compare.rangeEnd()))
            .setRelation(relation(compare.relation()));
    return switch (compare) {
      case Compare.ByCreateRevision by -> builder.setCreateRevision(by.target().value()).build();
      case Compare.ByModRevision by -> builder.setModRevision(by.target().value()).build();
      case Compare.ByVersion by -> builder.setVersion(by.target()).build();
      case Compare.ByValue by -> builder.setValue(bytes(by.target())).build();
      case Compare.ByLease by -> builder.setLease(by.target().value()).build();
    };
  }

  private static StoreLog.Relation relation(Compare.Relation relation) {
    return switch (relation) {
      case EQUAL -> StoreLog.Relation.RELATION_EQUAL;
      case GREATER -> StoreLog.Relation.RELATION_GREATER;
      case LESS -> StoreLog.Relation.RELATION_LESS;
      case NOT_EQUAL -> StoreLog.Relation.RELATION_NOT_EQUAL;
    };
  }

  private static StoreLog.Op op(Op op) {
    StoreLog.Op.Builder builder = StoreLog.Op.newBuilder();
    return switch (op) {
      case Op.Range(RangeQuery query) -> builder.setRange(query(query)).build();
      case Op.Put put ->
          builder
              .setPut(
                  StoreLog.Put.newBuilder()
                      .setKey(bytes(put.key()))
                      .setValue(bytes(put.value()))
                      .setLease(put.lease().value())
                      .setPrevKv(put.prevKv())
                      .setIgnoreValue(put.ignoreValue())
                      .setIgnoreLease(put.ignoreLease()))
              .build();
      case Op.DeleteRange(Bytes key, Bytes rangeEnd, boolean prevKv) ->
          builder
              .setDeleteRange(
                  StoreLog.DeleteRange.newBuilder()
                      .setKey(bytes(key))
                      .setRangeEnd(bytes(rangeEnd))
                      .setPrevKv(prevKv))
              .build();
      case Op.Nested(Txn nested) -> builder.setNested(txn(nested)).build();
    };
  }

  /** A range query. */
  public static StoreLog.RangeQuery query(RangeQuery query) {
    return StoreLog.RangeQuery.newBuilder()
        .setKey(bytes(query.key()))
        .setRangeEnd(bytes(query.rangeEnd()))
        .setLimit(query.limit())
        .setRevision(query.revision().value())
        .setSortOrder(
            switch (query.sortOrder()) {
              case NONE -> StoreLog.SortOrder.SORT_ORDER_NONE;
              case ASCEND -> StoreLog.SortOrder.SORT_ORDER_ASCEND;
              case DESCEND -> StoreLog.SortOrder.SORT_ORDER_DESCEND;
            })
        .setSortTarget(
            switch (query.sortTarget()) {
              case KEY -> StoreLog.SortTarget.SORT_TARGET_KEY;
              case VERSION -> StoreLog.SortTarget.SORT_TARGET_VERSION;
              case CREATE -> StoreLog.SortTarget.SORT_TARGET_CREATE;
              case MOD -> StoreLog.SortTarget.SORT_TARGET_MOD;
              case VALUE -> StoreLog.SortTarget.SORT_TARGET_VALUE;
            })
        .setKeysOnly(query.keysOnly())
        .setCountOnly(query.countOnly())
        .setMinModRevision(query.minModRevision().value())
        .setMaxModRevision(query.maxModRevision().value())
        .setMinCreateRevision(query.minCreateRevision().value())
        .setMaxCreateRevision(query.maxCreateRevision().value())
        .build();
  }

  /** A key. */
  public static StoreLog.KeyValue keyValue(KeyValue keyValue) {
    return StoreLog.KeyValue.newBuilder()
        .setKey(bytes(keyValue.key()))
        .setValue(bytes(keyValue.value()))
        .setCreateRevision(keyValue.createRevision().value())
        .setModRevision(keyValue.modRevision().value())
        .setVersion(keyValue.version())
        .setLease(keyValue.lease().value())
        .build();
  }

  /** How a command ended. */
  public static StoreLog.Result result(CommandResult result) {
    StoreLog.Result.Builder builder = StoreLog.Result.newBuilder();
    return switch (result) {
      case CommandResult.TxnDone(TxnResult txn) ->
          builder
              .setTxn(
                  StoreLog.TxnResult.newBuilder()
                      .setSucceeded(txn.succeeded())
                      .addAllResults(results(txn.results()))
                      .setRevision(txn.revision().value()))
              .build();
      case CommandResult.SessionOpened(long session) -> builder.setSessionOpened(session).build();
      case CommandResult.LeaseGranted(var id, long generation, long ttlMillis) ->
          builder
              .setLeaseGranted(
                  StoreLog.LeaseGranted.newBuilder()
                      .setId(id.value())
                      .setGeneration(generation)
                      .setTtlMillis(ttlMillis))
              .build();
      case CommandResult.LeaseEnded(var id) -> builder.setLeaseEnded(id.value()).build();
      case CommandResult.ExpiryIgnored(var id) -> builder.setExpiryIgnored(id.value()).build();
      case CommandResult.PrefixGuarded(var revision) ->
          builder.setPrefixGuarded(revision.value()).build();
      case CommandResult.Compacted(var revision) -> builder.setCompacted(revision.value()).build();
      case CommandResult.Refused(StoreError error) -> builder.setRefused(error(error)).build();
      case CommandResult.Forgotten(String reason) -> builder.setForgotten(reason).build();
    };
  }

  private static List<StoreLog.OpResult> results(List<OpResult> results) {
    return results.stream().map(ToProto::result).toList();
  }

  private static StoreLog.OpResult result(OpResult result) {
    StoreLog.OpResult.Builder builder = StoreLog.OpResult.newBuilder();
    return switch (result) {
      case OpResult.Range range -> builder.setRange(range(range)).build();
      case OpResult.Put(var previous) -> {
        StoreLog.PutResult.Builder put = StoreLog.PutResult.newBuilder();
        previous.ifPresent(found -> put.setPrevious(keyValue(found)));
        yield builder.setPut(put).build();
      }
      case OpResult.DeleteRange(long deleted, List<KeyValue> previous) ->
          builder
              .setDeleteRange(
                  StoreLog.DeleteRangeResult.newBuilder()
                      .setDeleted(deleted)
                      .addAllPrevious(previous.stream().map(ToProto::keyValue).toList()))
              .build();
      case OpResult.Nested(boolean succeeded, List<OpResult> inner) ->
          builder
              .setNested(
                  StoreLog.NestedResult.newBuilder()
                      .setSucceeded(succeeded)
                      .addAllResults(results(inner)))
              .build();
    };
  }

  private static StoreLog.RangeResult range(OpResult.Range range) {
    return StoreLog.RangeResult.newBuilder()
        .addAllKeys(range.keys().stream().map(ToProto::keyValue).toList())
        .setMore(range.more())
        .setCount(range.count())
        .setRevision(range.revision().value())
        .build();
  }

  /** Answer to a range query. */
  public static StoreLog.RangeAnswer answer(Outcome<OpResult.Range> outcome) {
    StoreLog.RangeAnswer.Builder builder = StoreLog.RangeAnswer.newBuilder();
    return switch (outcome) {
      case Outcome.Done(OpResult.Range range) -> builder.setDone(range(range)).build();
      case Outcome.NotDone(StoreError error) -> builder.setNotDone(error(error)).build();
      case Outcome.Unknown(String reason) -> builder.setUnknown(reason).build();
    };
  }

  /** A refusal. */
  public static StoreLog.Error error(StoreError error) {
    return StoreLog.Error.newBuilder()
        .setCode(code(error.code()))
        .setMessage(error.message())
        .build();
  }

  private static StoreLog.ErrorCode code(StoreError.Code code) {
    return switch (code) {
      case COMPACTED -> StoreLog.ErrorCode.ERROR_CODE_COMPACTED;
      case FUTURE_REVISION -> StoreLog.ErrorCode.ERROR_CODE_FUTURE_REVISION;
      case KEY_NOT_FOUND -> StoreLog.ErrorCode.ERROR_CODE_KEY_NOT_FOUND;
      case LEASE_NOT_FOUND -> StoreLog.ErrorCode.ERROR_CODE_LEASE_NOT_FOUND;
      case LEASE_EXISTS -> StoreLog.ErrorCode.ERROR_CODE_LEASE_EXISTS;
      case INVALID_ARGUMENT -> StoreLog.ErrorCode.ERROR_CODE_INVALID_ARGUMENT;
      case PERMISSION_DENIED -> StoreLog.ErrorCode.ERROR_CODE_PERMISSION_DENIED;
      case NO_SPACE -> StoreLog.ErrorCode.ERROR_CODE_NO_SPACE;
      case UNAVAILABLE -> StoreLog.ErrorCode.ERROR_CODE_UNAVAILABLE;
      case OVERLOADED -> StoreLog.ErrorCode.ERROR_CODE_OVERLOADED;
      case CLOSED -> StoreLog.ErrorCode.ERROR_CODE_CLOSED;
    };
  }
}
