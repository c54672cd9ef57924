package io.quorate.rpc.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.quorate.proto.etcd.DeleteRangeResponse;
import io.quorate.proto.etcd.PutResponse;
import io.quorate.proto.etcd.RangeResponse;
import io.quorate.proto.etcd.ResponseHeader;
import io.quorate.proto.etcd.ResponseOp;
import io.quorate.proto.etcd.TxnResponse;
import io.quorate.proto.etcd.mvcc.Event;
import io.quorate.proto.etcd.mvcc.KeyValue;
import io.quorate.store.Bytes;
import io.quorate.store.OpResult;
import io.quorate.store.Revision;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchEvent;
import java.util.List;
import java.util.Optional;

/** The store's answers as etcd's. */
final class ToEtcd {

  private ToEtcd() {}

  static ByteString bytes(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.toByteArray());
  }

  static KeyValue keyValue(io.quorate.store.KeyValue kv) {
    return KeyValue.newBuilder()
        .setKey(bytes(kv.key()))
        .setCreateRevision(kv.createRevision().value())
        .setModRevision(kv.modRevision().value())
        .setVersion(kv.version())
        .setValue(bytes(kv.value()))
        .setLease(kv.lease().value())
        .build();
  }

  static RangeResponse range(OpResult.Range range, ResponseHeader header) {
    RangeResponse.Builder response =
        RangeResponse.newBuilder().setHeader(header).setMore(range.more()).setCount(range.count());
    range.keys().forEach(kv -> response.addKvs(keyValue(kv)));
    return response.build();
  }

  static PutResponse put(OpResult.Put put, ResponseHeader header) {
    PutResponse.Builder response = PutResponse.newBuilder().setHeader(header);
    put.previous().ifPresent(previous -> response.setPrevKv(keyValue(previous)));
    return response.build();
  }

  static DeleteRangeResponse deleteRange(OpResult.DeleteRange delete, ResponseHeader header) {
    DeleteRangeResponse.Builder response =
        DeleteRangeResponse.newBuilder().setHeader(header).setDeleted(delete.deleted());
    delete.previous().forEach(previous -> response.addPrevKvs(keyValue(previous)));
    return response.build();
  }

  static TxnResponse txn(TxnResult result, ResponseHeader header) {
    TxnResponse.Builder response =
        TxnResponse.newBuilder().setHeader(header).setSucceeded(result.succeeded());
    new Walk(result).add(result.results(), response);
    return response.build();
  }

  static Event event(WatchEvent event) {
    return switch (event) {
      case WatchEvent.Put(io.quorate.store.KeyValue kv, var previous) ->
          event(Event.EventType.PUT, keyValue(kv), previous);
      case WatchEvent.Delete(Bytes key, Revision revision, var previous) ->
          event(
              Event.EventType.DELETE,
              KeyValue.newBuilder().setKey(bytes(key)).setModRevision(revision.value()).build(),
              previous);
    };
  }

  private static Event event(
      Event.EventType type, KeyValue kv, Optional<io.quorate.store.KeyValue> previous) {
    Event.Builder event = Event.newBuilder().setType(type).setKv(kv);
    previous.ifPresent(before -> event.setPrevKv(keyValue(before)));
    return event.build();
  }

  /**
   * Gives each operation of a transaction the revision that etcd gives it: the one before until
   * something has changed, then the transaction's own.
   */
  private static final class Walk {
    private final Revision after;
    private final Revision before;
    private boolean changed;

    Walk(TxnResult result) {
      this.after = result.revision();
      this.before = changes(result.results()) ? new Revision(result.revision().value() - 1) : after;
    }

    private static boolean changes(List<OpResult> results) {
      return results.stream()
          .anyMatch(result ->
              switch (result) {
                case OpResult.Put _ -> true;
                case OpResult.DeleteRange delete -> delete.deleted() > 0;
                case OpResult.Range _ -> false;
                case OpResult.Nested nested -> changes(nested.results());
              });
    }

    void add(List<OpResult> results, TxnResponse.Builder response) {
      for (OpResult result : results) {
        changed = changed || (!(result instanceof OpResult.Nested) && changes(List.of(result)));
        ResponseHeader header =
            ResponseHeader.newBuilder().setRevision((changed ? after : before).value()).build();
        ResponseOp.Builder op = ResponseOp.newBuilder();
        switch (result) {
          case OpResult.Range range -> op.setResponseRange(range(range, header));
          case OpResult.Put put -> op.setResponsePut(put(put, header));
          case OpResult.DeleteRange delete ->
              op.setResponseDeleteRange(deleteRange(delete, header));
          case OpResult.Nested(boolean succeeded, List<OpResult> inner) -> {
            TxnResponse.Builder nested =
                TxnResponse.newBuilder()
                    .setHeader(ResponseHeader.getDefaultInstance())
                    .setSucceeded(succeeded);
            add(inner, nested);
            op.setResponseTxn(nested);
          }
        }
        response.addResponses(op);
      }
    }
  }
}
