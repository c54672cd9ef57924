package io.quorate.rpc.etcd;

import com.google.protobuf.ByteString;
import io.quorate.proto.etcd.Compare.CompareResult;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.Compare.Relation;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.RangeQuery;
import io.quorate.store.RangeQuery.SortOrder;
import io.quorate.store.RangeQuery.SortTarget;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import java.util.ArrayList;
import java.util.List;

/** etcd's requests as the store's; throws the refusal where there is no such thing. */
final class FromEtcd {

  /** Deeper nesting than the operations' bound allows is not even read. */
  private static final int DEPTH_MAX = 128;

  private FromEtcd() {}

  static Bytes bytes(ByteString bytes) {
    return Bytes.of(bytes.toByteArray());
  }

  static RangeQuery query(RangeRequest request) {
    if (request.getKey().isEmpty()) {
      throw EtcdErrors.thrown(EtcdErrors.EMPTY_KEY);
    }
    // A negative upper bound lets nothing pass, which a lower bound above everything says too.
    boolean none = request.getMaxModRevision() < 0 || request.getMaxCreateRevision() < 0;
    return new RangeQuery(
        bytes(request.getKey()),
        bytes(request.getRangeEnd()),
        Math.max(0, request.getLimit()),
        revision(request.getRevision()),
        order(request.getSortOrder()),
        target(request.getSortTarget()),
        request.getKeysOnly(),
        request.getCountOnly(),
        none ? new Revision(Long.MAX_VALUE) : revision(request.getMinModRevision()),
        revision(request.getMaxModRevision()),
        revision(request.getMinCreateRevision()),
        revision(request.getMaxCreateRevision()));
  }

  static Op op(PutRequest request) {
    return new Op.Put(
        bytes(request.getKey()),
        bytes(request.getValue()),
        new LeaseId(request.getLease()),
        request.getPrevKv(),
        request.getIgnoreValue(),
        request.getIgnoreLease());
  }

  static Op op(DeleteRangeRequest request) {
    return new Op.DeleteRange(
        bytes(request.getKey()), bytes(request.getRangeEnd()), request.getPrevKv());
  }

  static Txn txn(TxnRequest request) {
    return txn(request, 0);
  }

  private static Txn txn(TxnRequest request, int depth) {
    if (depth > DEPTH_MAX) {
      throw EtcdErrors.thrown(EtcdErrors.invalid("etcdserver: too many operations in txn request"));
    }
    return new Txn(
        request.getCompareList().stream().map(FromEtcd::compare).toList(),
        ops(request.getSuccessList(), depth),
        ops(request.getFailureList(), depth));
  }

  private static List<Op> ops(List<RequestOp> requests, int depth) {
    List<Op> ops = new ArrayList<>(requests.size());
    for (RequestOp request : requests) {
      ops.add(
          switch (request.getRequestCase()) {
            case REQUEST_RANGE -> new Op.Range(query(request.getRequestRange()));
            case REQUEST_PUT -> op(request.getRequestPut());
            case REQUEST_DELETE_RANGE -> op(request.getRequestDeleteRange());
            case REQUEST_TXN -> new Op.Nested(txn(request.getRequestTxn(), depth + 1));
            // etcd's answer to an operation that is none.
            case REQUEST_NOT_SET -> throw EtcdErrors.thrown(EtcdErrors.KEY_NOT_FOUND);
          });
    }
    return ops;
  }

  private static Compare compare(io.quorate.proto.etcd.Compare request) {
    Bytes key = bytes(request.getKey());
    Bytes end = bytes(request.getRangeEnd());
    Relation relation = relation(request.getResult());
    return switch (request.getTarget()) {
      case VERSION -> new Compare.ByVersion(key, end, relation, request.getVersion());
      case CREATE ->
          request.getCreateRevision() < 0
              ? belowAll(key, end, relation)
              : new Compare.ByCreateRevision(
                  key, end, relation, new Revision(request.getCreateRevision()));
      case MOD ->
          request.getModRevision() < 0
              ? belowAll(key, end, relation)
              : new Compare.ByModRevision(
                  key, end, relation, new Revision(request.getModRevision()));
      case VALUE -> new Compare.ByValue(key, end, relation, bytes(request.getValue()));
      case LEASE -> new Compare.ByLease(key, end, relation, new LeaseId(request.getLease()));
      case UNRECOGNIZED ->
          throw EtcdErrors.thrown(EtcdErrors.invalid("etcdserver: unknown compare target"));
    };
  }

  /** No number of a key is negative: any of them compares the same with what is below all. */
  private static Compare belowAll(Bytes key, Bytes end, Relation relation) {
    return new Compare.ByVersion(key, end, relation, -1);
  }

  private static Relation relation(CompareResult result) {
    return switch (result) {
      case EQUAL -> Relation.EQUAL;
      case GREATER -> Relation.GREATER;
      case LESS -> Relation.LESS;
      case NOT_EQUAL -> Relation.NOT_EQUAL;
      case UNRECOGNIZED ->
          throw EtcdErrors.thrown(EtcdErrors.invalid("etcdserver: unknown compare result"));
    };
  }

  /** What is not positive means "now", or "no bound". */
  static Revision revision(long value) {
    return value <= 0 ? Revision.NONE : new Revision(value);
  }

  private static SortOrder order(RangeRequest.SortOrder order) {
    return switch (order) {
      case NONE -> SortOrder.NONE;
      case ASCEND -> SortOrder.ASCEND;
      case DESCEND -> SortOrder.DESCEND;
      case UNRECOGNIZED ->
          throw EtcdErrors.thrown(EtcdErrors.invalid("etcdserver: invalid sort option"));
    };
  }

  private static SortTarget target(RangeRequest.SortTarget target) {
    return switch (target) {
      case KEY -> SortTarget.KEY;
      case VERSION -> SortTarget.VERSION;
      case CREATE -> SortTarget.CREATE;
      case MOD -> SortTarget.MOD;
      case VALUE -> SortTarget.VALUE;
      case UNRECOGNIZED ->
          throw EtcdErrors.thrown(EtcdErrors.invalid("etcdserver: invalid sort option"));
    };
  }
}
