package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.AuthenticateRequest;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.Compare;
import io.quorate.proto.etcd.Compare.CompareResult;
import io.quorate.proto.etcd.Compare.CompareTarget;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.HashKVRequest;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseLeasesRequest;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.LeaseTimeToLiveRequest;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.MoveLeaderRequest;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RangeRequest.SortOrder;
import io.quorate.proto.etcd.RangeRequest.SortTarget;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.TxnRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The same requests to etcd and to Quorate, both new: the same answers, field by field. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SameAsEtcdTest {

  /** Each store's own. */
  private static final Set<String> OWN =
      Set.of("cluster_id", "member_id", "raft_term", "hash", "hash_revision");

  private EtcdCluster cluster;
  private RealEtcd etcd;
  private ManagedChannel ours;
  private ManagedChannel theirs;
  private final List<String> differences = new ArrayList<>();
  private int compared;

  @BeforeAll
  void start(@TempDir Path dir) throws IOException {
    etcd = RealEtcd.start(dir.resolve("etcd"));
    cluster = EtcdCluster.start(dir, 1);
    ours = channel(cluster.port(0));
    theirs = channel(etcd.port());
  }

  private static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @AfterAll
  void stop() {
    ours.shutdownNow();
    theirs.shutdownNow();
    cluster.close();
    etcd.close();
  }

  @Test
  void answersAreTheSame() {
    keys();
    ranges();
    transactions();
    refusedTransactions();
    leases();
    history();
    others();
    assertThat(differences).isEmpty();
    assertThat(compared).isGreaterThan(100);
  }

  private void keys() {
    put(put("a", "1"));
    put(put("a", "2").setPrevKv(true));
    put(put("b", "1").setPrevKv(true));
    put(put("", "1"));
    put(put("a", "").setIgnoreValue(true));
    put(put("a", "x").setIgnoreValue(true));
    put(put("absent", "").setIgnoreValue(true));
    put(put("absent", "1").setIgnoreLease(true));
    put(put("a", "3").setLease(9).setIgnoreLease(true));
    put(put("a", "3").setLease(9));
    delete(delete("b").setPrevKv(true));
    delete(delete("b").setPrevKv(true));
    delete(delete(""));
    delete(delete("a").setRangeEnd(b("\0")).setPrevKv(true));
  }

  private void ranges() {
    for (String key : new String[] {"r/c", "r/a", "r/b", "r/d", "r/a"}) {
      put(put(key, "v" + key.hashCode() % 7));
    }
    range(range("r/a"));
    range(range("nothing"));
    range(range(""));
    range(prefix().setLimit(2));
    range(prefix().setLimit(-1));
    range(prefix().setLimit(4));
    range(prefix().setKeysOnly(true));
    range(prefix().setCountOnly(true));
    range(prefix().setCountOnly(true).setLimit(1));
    range(prefix().setSerializable(true));
    range(range("r/b").setRangeEnd(b("\0")));
    range(range("r/d").setRangeEnd(b("r/a")));
    range(range("\0").setRangeEnd(b("\0")).setKeysOnly(true));
    for (SortOrder order : List.of(SortOrder.NONE, SortOrder.ASCEND, SortOrder.DESCEND)) {
      for (SortTarget target :
          List.of(
              SortTarget.KEY,
              SortTarget.VERSION,
              SortTarget.CREATE,
              SortTarget.MOD,
              SortTarget.VALUE)) {
        range(prefix().setSortOrder(order).setSortTarget(target));
        range(prefix().setSortOrder(order).setSortTarget(target).setLimit(2));
      }
    }
    long revision = revision();
    for (long at : new long[] {revision, revision - 1, revision - 3, 1, 0, -1, revision + 1}) {
      range(prefix().setRevision(at));
      range(prefix().setMinModRevision(at));
      range(prefix().setMaxModRevision(at));
      range(prefix().setMinCreateRevision(at));
      range(prefix().setMaxCreateRevision(at).setLimit(2));
    }
  }

  private long revision() {
    return KVGrpc.newBlockingStub(ours).range(range("x").build()).getHeader().getRevision();
  }

  private void transactions() {
    txn(txn());
    txn(txn().addSuccess(op(put("t/a", "1"))).addSuccess(op(range("t/a"))));
    for (CompareResult result :
        List.of(
            CompareResult.EQUAL,
            CompareResult.NOT_EQUAL,
            CompareResult.GREATER,
            CompareResult.LESS)) {
      for (String key : new String[] {"t/a", "t/none"}) {
        Compare.Builder compare = Compare.newBuilder().setKey(b(key)).setResult(result);
        decide(compare.clone().setTarget(CompareTarget.VERSION).setVersion(1));
        decide(compare.clone().setTarget(CompareTarget.CREATE).setCreateRevision(0));
        decide(compare.clone().setTarget(CompareTarget.CREATE).setCreateRevision(-1));
        decide(compare.clone().setTarget(CompareTarget.MOD).setModRevision(5));
        decide(compare.clone().setTarget(CompareTarget.VALUE).setValue(b("1")));
        decide(compare.clone().setTarget(CompareTarget.LEASE).setLease(0));
        decide(compare.clone().setTarget(CompareTarget.VERSION).setValue(b("1")));
        decide(compare.clone().setTarget(CompareTarget.VERSION).setVersion(1).setRangeEnd(b("t0")));
      }
    }
    txn(
        txn()
            .addSuccess(op(range("t/a")))
            .addSuccess(op(delete("t/none")))
            .addSuccess(op(put("t/b", "2").setPrevKv(true)))
            .addSuccess(op(range("t/").setRangeEnd(b("t0"))))
            .addSuccess(op(delete("t/a").setPrevKv(true)))
            .addSuccess(op(delete("t/none")))
            .addSuccess(op(range("t/").setRangeEnd(b("t0")))));
    TxnRequest.Builder inner =
        txn()
            .addCompare(
                Compare.newBuilder()
                    .setKey(b("t/b"))
                    .setTarget(CompareTarget.VALUE)
                    .setValue(b("2")))
            .addSuccess(op(put("t/c", "3")))
            .addFailure(op(put("t/d", "4")));
    txn(txn().addSuccess(op(inner)).addSuccess(op(range("t/c"))).addSuccess(op(put("t/e", "5"))));
    txn(txn().addSuccess(op(txn().addSuccess(op(inner)))));
  }

  private void decide(Compare.Builder compare) {
    txn(txn().addCompare(compare).addSuccess(op(range("t/a"))));
  }

  private void refusedTransactions() {
    txn(txn().addSuccess(RequestOp.getDefaultInstance()));
    txn(txn().addSuccess(op(put("d", "1"))).addSuccess(op(put("d", "2"))));
    txn(txn().addSuccess(op(put("d", "1"))).addSuccess(op(delete("d"))));
    txn(txn().addSuccess(op(delete("d"))).addSuccess(op(delete("d"))));
    txn(txn().addSuccess(op(put("", "1"))));
    txn(txn().addCompare(Compare.newBuilder().setTarget(CompareTarget.MOD)));
    txn(txn().addSuccess(op(put("d", "1").setLease(77))));
    txn(txn().addSuccess(op(range("d").setRevision(99_999))));
    TxnRequest.Builder most = txn();
    for (int i = 0; i < 128; i++) {
      most.addSuccess(op(put("many/" + i, "1")));
    }
    txn(most);
    txn(most.addSuccess(op(put("many/128", "1"))));
  }

  private void leases() {
    lease(stub -> stub.leaseGrant(grant(5, 60)));
    lease(stub -> stub.leaseGrant(grant(5, 60)));
    lease(stub -> stub.leaseGrant(grant(6, 1)));
    lease(stub -> stub.leaseGrant(grant(7, -1)));
    lease(stub -> stub.leaseGrant(grant(8, 9_000_000_001L)));
    put(put("l/b", "1").setLease(5));
    put(put("l/a", "1").setLease(5));
    range(range("l/a"));
    put(put("l/a", "2").setIgnoreLease(true));
    range(range("l/a"));
    lease(stub -> stub.leaseRevoke(revoke(6)));
    lease(stub -> stub.leaseRevoke(revoke(7)));
    lease(stub -> stub.leaseRevoke(revoke(99)));
    lease(stub -> stub.leaseLeases(LeaseLeasesRequest.getDefaultInstance()));
    lease(stub -> stub.leaseTimeToLive(timeToLive(99)));
    lease(stub -> stub.leaseRevoke(revoke(5)));
    range(range("l/").setRangeEnd(b("l0")));
    lease(stub -> stub.leaseTimeToLive(timeToLive(5)));
  }

  private void history() {
    long revision = revision();
    compact(revision + 1);
    compact(revision - 1);
    compact(revision - 1);
    compact(1);
    compact(0);
    compact(-1);
    range(prefix().setRevision(revision - 2));
    range(prefix().setRevision(revision - 1));
    maintenance(stub -> stub.hashKV(HashKVRequest.newBuilder().setRevision(revision - 2).build()));
    maintenance(stub -> stub.hashKV(HashKVRequest.newBuilder().setRevision(revision + 9).build()));
  }

  private void others() {
    maintenance(stub -> stub.moveLeader(MoveLeaderRequest.newBuilder().setTargetID(1).build()));
    same(
        "authenticate",
        channel ->
            AuthGrpc.newBlockingStub(channel)
                .authenticate(AuthenticateRequest.newBuilder().setName("a").build()));
  }

  // Requests

  private static ByteString b(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static PutRequest.Builder put(String key, String value) {
    return PutRequest.newBuilder().setKey(b(key)).setValue(b(value));
  }

  private static DeleteRangeRequest.Builder delete(String key) {
    return DeleteRangeRequest.newBuilder().setKey(b(key));
  }

  private static RangeRequest.Builder range(String key) {
    return RangeRequest.newBuilder().setKey(b(key));
  }

  private static RangeRequest.Builder prefix() {
    return range("r/").setRangeEnd(b("r0"));
  }

  private static TxnRequest.Builder txn() {
    return TxnRequest.newBuilder();
  }

  private static RequestOp op(PutRequest.Builder put) {
    return RequestOp.newBuilder().setRequestPut(put).build();
  }

  private static RequestOp op(RangeRequest.Builder range) {
    return RequestOp.newBuilder().setRequestRange(range).build();
  }

  private static RequestOp op(DeleteRangeRequest.Builder delete) {
    return RequestOp.newBuilder().setRequestDeleteRange(delete).build();
  }

  private static RequestOp op(TxnRequest.Builder txn) {
    return RequestOp.newBuilder().setRequestTxn(txn).build();
  }

  private static LeaseGrantRequest grant(long id, long ttl) {
    return LeaseGrantRequest.newBuilder().setID(id).setTTL(ttl).build();
  }

  private static LeaseRevokeRequest revoke(long id) {
    return LeaseRevokeRequest.newBuilder().setID(id).build();
  }

  private static LeaseTimeToLiveRequest timeToLive(long id) {
    return LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(true).build();
  }

  private void put(PutRequest.Builder request) {
    same(
        "put " + text(request.build()),
        channel -> KVGrpc.newBlockingStub(channel).put(request.build()));
  }

  private void delete(DeleteRangeRequest.Builder request) {
    same(
        "delete " + text(request.build()),
        channel -> KVGrpc.newBlockingStub(channel).deleteRange(request.build()));
  }

  private void range(RangeRequest.Builder request) {
    same(
        "range " + text(request.build()),
        channel -> KVGrpc.newBlockingStub(channel).range(request.build()));
  }

  private void txn(TxnRequest.Builder request) {
    TxnRequest built = request.build();
    same(
        "txn " + (built.getSuccessCount() > 100 ? "large" : text(built)),
        channel -> KVGrpc.newBlockingStub(channel).txn(built));
  }

  private void compact(long revision) {
    same(
        "compact",
        channel ->
            KVGrpc.newBlockingStub(channel)
                .compact(CompactionRequest.newBuilder().setRevision(revision).build()));
  }

  private void lease(Function<LeaseGrpc.LeaseBlockingStub, Message> call) {
    same("lease", channel -> call.apply(LeaseGrpc.newBlockingStub(channel)));
  }

  private void maintenance(Function<MaintenanceGrpc.MaintenanceBlockingStub, Message> call) {
    same("maintenance", channel -> call.apply(MaintenanceGrpc.newBlockingStub(channel)));
  }

  private void same(String request, Function<Channel, Message> call) {
    compared++;
    String expected = answer(theirs, call);
    String actual = answer(ours, call);
    if (!expected.equals(actual)) {
      differences.add(request + "\n  etcd:    " + expected + "\n  Quorate: " + actual);
    }
  }

  private static String answer(Channel channel, Function<Channel, Message> call) {
    try {
      return text(without(call.apply(channel)));
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
    }
  }

  static String text(Message message) {
    return TextFormat.printer().emittingSingleLine(true).printToString(message);
  }

  /** {@code message} without what is each store's own, at any depth. */
  static Message without(Message message) {
    Message.Builder rest = message.toBuilder();
    message
        .getAllFields()
        .forEach((field, value) -> {
          if (OWN.contains(field.getName())) {
            rest.clearField(field);
          } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            if (field.isRepeated()) {
              for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                rest.setRepeatedField(
                    field, i, without((Message) message.getRepeatedField(field, i)));
              }
            } else {
              rest.setField(field, without((Message) value));
            }
          }
        });
    return rest.build();
  }
}
