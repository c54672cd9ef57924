package io.quorate.rpc.etcd;

import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.AlarmMember;
import io.quorate.proto.etcd.AlarmRequest;
import io.quorate.proto.etcd.AlarmResponse;
import io.quorate.proto.etcd.AlarmType;
import io.quorate.proto.etcd.DefragmentRequest;
import io.quorate.proto.etcd.DefragmentResponse;
import io.quorate.proto.etcd.HashKVRequest;
import io.quorate.proto.etcd.HashKVResponse;
import io.quorate.proto.etcd.HashRequest;
import io.quorate.proto.etcd.HashResponse;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.MoveLeaderRequest;
import io.quorate.proto.etcd.MoveLeaderResponse;
import io.quorate.proto.etcd.StatusRequest;
import io.quorate.proto.etcd.StatusResponse;
import io.quorate.store.KeysHash;
import io.quorate.store.StoreFacts;
import io.quorate.store.StoreStatus;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** etcd's Maintenance service, as far as there is something to maintain. */
final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {

  /** The version of etcd whose API this is, for clients that go by it. */
  static final String API_VERSION = "3.5.0";

  private static final Logger LOG = LoggerFactory.getLogger(MaintenanceService.class);

  private final EtcdNode node;

  MaintenanceService(EtcdNode node) {
    this.node = node;
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    StoreStatus status = node.store().status();
    StoreFacts facts = node.store().facts();
    StatusResponse.Builder response =
        StatusResponse.newBuilder()
            .setHeader(node.header(facts.revision()))
            .setVersion(API_VERSION)
            .setDbSize(facts.bytes())
            .setDbSizeInUse(facts.bytes())
            .setDbSizeQuota(facts.quotaBytes())
            .setLeader(status.leader().map(node.ids()::member).orElse(0L))
            .setRaftIndex(status.commitIndex())
            .setRaftAppliedIndex(status.appliedIndex())
            .setRaftTerm(status.term())
            .setIsLearner(
                node.store().members().stream()
                    .anyMatch(member ->
                        member.listener()
                            && node.ids().member(member.name()) == node.ids().self()));
    if (status.leader().isEmpty()) {
      response.addErrors(String.valueOf(EtcdErrors.NO_LEADER.getDescription()));
    }
    if (facts.nearlyFull()) {
      response.addErrors("memberID:" + node.ids().self() + " alarm:NOSPACE ");
    }
    status.problem().ifPresent(response::addErrors);
    EtcdNode.send(observer, response.build());
  }

  /**
   * Tells of a store that is full. The alarm comes and goes with its cause: it cannot be raised by
   * hand, and whoever wants it gone deletes something.
   */
  @Override
  public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
    EtcdNode.guarded(
        observer,
        () -> {
          AlarmResponse.Builder response = AlarmResponse.newBuilder().setHeader(node.header());
          switch (request.getAction()) {
            case GET -> {
              if (node.store().facts().nearlyFull()) {
                response.addAlarms(
                    AlarmMember.newBuilder()
                        .setMemberID(node.ids().self())
                        .setAlarm(AlarmType.NOSPACE));
              }
            }
            case DEACTIVATE -> {}
            case ACTIVATE, UNRECOGNIZED ->
                throw EtcdErrors.thrown(
                    io.grpc.Status.UNIMPLEMENTED.withDescription(
                        "etcdserver: alarms are not raised by hand: they come and go with their"
                            + " cause"));
          }
          EtcdNode.send(observer, response.build());
        });
  }

  @Override
  public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> observer) {
    LOG.info("defragment: there is nothing to do, the store keeps no file that could be sparse");
    EtcdNode.send(observer, DefragmentResponse.getDefaultInstance());
  }

  @Override
  public void hash(HashRequest request, StreamObserver<HashResponse> observer) {
    KeysHash hash = node.store().contentHash();
    EtcdNode.send(
        observer,
        HashResponse.newBuilder()
            .setHeader(node.header(hash.revision()))
            .setHash(Long.hashCode(hash.hash()))
            .build());
  }

  @Override
  public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> observer) {
    node.reply(
        CompletableFuture.completedStage(
            node.store().keysHash(FromEtcd.revision(request.getRevision()))),
        hash ->
            HashKVResponse.newBuilder()
                .setHeader(node.header(hash.revision()))
                .setHash(Long.hashCode(hash.hash()))
                .setCompactRevision(hash.compactRevision().value())
                .setHashRevision(hash.hashRevision().value())
                .build(),
        observer);
  }

  @Override
  public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
    EtcdNode.guarded(
        observer,
        () -> {
          StoreStatus status = node.store().status();
          if (!status.leading()) {
            throw EtcdErrors.thrown(EtcdErrors.NOT_LEADER);
          }
          Optional<String> heir =
              status.voters().stream()
                  .map(StoreStatus.Voter::name)
                  .filter(name -> node.ids().member(name) == request.getTargetID())
                  .findFirst();
          if (heir.isEmpty()) {
            throw EtcdErrors.thrown(EtcdErrors.BAD_TRANSFEREE);
          }
          node.reply(
              node.store().transferLeadership(heir.get()),
              _ -> MoveLeaderResponse.getDefaultInstance(),
              observer);
        });
  }
}
