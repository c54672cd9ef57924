package io.quorate.rpc.etcd;

import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.CompactionResponse;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.DeleteRangeResponse;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.PutResponse;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RangeResponse;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.TxnResponse;
import io.quorate.store.Op;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import java.util.concurrent.CompletionStage;

/** etcd's KV service. */
final class KvService extends KVGrpc.KVImplBase {

  private final EtcdNode node;
  private final WriteGate gate;

  KvService(EtcdNode node, WriteGate gate) {
    this.node = node;
    this.gate = gate;
  }

  @Override
  public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
    EtcdNode.guarded(
        observer,
        () -> {
          RangeQuery query = FromEtcd.query(request);
          if (request.getSerializable() && query.rangeEnd().size() > 0) {
            // It is read within the call, and may be all keys.
            node.executor().execute(() -> range(query, ReadMode.SERIALIZABLE, observer));
          } else {
            range(
                query,
                request.getSerializable() ? ReadMode.SERIALIZABLE : ReadMode.LINEARIZABLE,
                observer);
          }
        });
  }

  private void range(RangeQuery query, ReadMode mode, StreamObserver<RangeResponse> observer) {
    node.reply(
        node.store().range(query, mode),
        range -> ToEtcd.range(range, node.header(range.revision())),
        observer,
        SmallAnswers::small);
  }

  @Override
  public void put(PutRequest request, StreamObserver<PutResponse> observer) {
    EtcdNode.guarded(
        observer,
        () ->
            node.reply(
                write(Txn.of(FromEtcd.op(request))),
                result ->
                    ToEtcd.put(
                        (OpResult.Put) result.results().getFirst(), node.header(result.revision())),
                observer,
                SmallAnswers::small));
  }

  @Override
  public void deleteRange(
      DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
    EtcdNode.guarded(
        observer,
        () -> {
          Op delete = FromEtcd.op(request);
          node.reply(
              write(Txn.of(delete)),
              result ->
                  ToEtcd.deleteRange(
                      (OpResult.DeleteRange) result.results().getFirst(),
                      node.header(result.revision())),
              observer,
              SmallAnswers::small);
        });
  }

  @Override
  public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
    EtcdNode.guarded(
        observer,
        () ->
            node.reply(
                write(FromEtcd.txn(request)),
                result -> ToEtcd.txn(result, node.header(result.revision())),
                observer,
                SmallAnswers::small));
  }

  /** Physical or not makes no difference: what is forgotten is out of memory at once. */
  @Override
  public void compact(CompactionRequest request, StreamObserver<CompactionResponse> observer) {
    EtcdNode.guarded(
        observer,
        () ->
            node.reply(
                node.store().compact(FromEtcd.revision(request.getRevision())),
                _ -> CompactionResponse.newBuilder().setHeader(node.header()).build(),
                observer));
  }

  private CompletionStage<Outcome<TxnResult>> write(Txn txn) {
    gate.check();
    return node.store()
        .txn(txn, Principal.CLIENT)
        .thenCompose(outcome -> node.settled(outcome, TxnResult::revision));
  }
}
