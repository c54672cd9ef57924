package io.quorate.rpc.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrantResponse;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseKeepAliveRequest;
import io.quorate.proto.etcd.LeaseKeepAliveResponse;
import io.quorate.proto.etcd.LeaseLeasesRequest;
import io.quorate.proto.etcd.LeaseLeasesResponse;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.LeaseRevokeResponse;
import io.quorate.proto.etcd.LeaseStatus;
import io.quorate.proto.etcd.LeaseTimeToLiveRequest;
import io.quorate.proto.etcd.LeaseTimeToLiveResponse;
import io.quorate.proto.etcd.ResponseHeader;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.LeaseTime;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.StoreError;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/** etcd's Lease service. */
final class LeaseService extends LeaseGrpc.LeaseImplBase {

  /** etcd's longest, in seconds. */
  private static final long TTL_MAX = 9_000_000_000L;

  private static final RangeQuery NOTHING = RangeQuery.key(Bytes.of(new byte[] {0}));

  private final EtcdNode node;
  private final WriteGate gate;
  private final EtcdSettings.Limits limits;
  private final RandomGenerator random;

  LeaseService(EtcdNode node, WriteGate gate, EtcdSettings.Limits limits, RandomGenerator random) {
    this.node = node;
    this.gate = gate;
    this.limits = limits;
    this.random = random;
  }

  @Override
  public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
    EtcdNode.guarded(
        observer,
        () -> {
          gate.check();
          if (request.getTTL() > TTL_MAX) {
            throw EtcdErrors.thrown(EtcdErrors.TTL_TOO_LARGE);
          }
          long seconds = Math.max(request.getTTL(), limits.minTtl().toSeconds());
          node.reply(
              grant(request.getID(), Duration.ofSeconds(seconds)).thenCompose(this::here),
              id ->
                  LeaseGrantResponse.newBuilder()
                      .setHeader(node.header())
                      .setID(id.value())
                      .setTTL(seconds)
                      .build(),
              observer);
        });
  }

  /** Another id is tried where the server chose one that is taken. */
  private CompletionStage<Outcome<LeaseId>> grant(long wanted, Duration ttl) {
    LeaseId id = new LeaseId(wanted == 0 ? random.nextLong(1, Long.MAX_VALUE) : wanted);
    return node.store()
        .grantLease(id, ttl, Principal.CLIENT)
        .thenCompose(outcome ->
            wanted == 0
                    && outcome instanceof Outcome.NotDone<LeaseId>(StoreError error)
                    && error.code() == StoreError.Code.LEASE_EXISTS
                ? grant(wanted, ttl)
                : CompletableFuture.completedStage(outcome));
  }

  @Override
  public void leaseRevoke(
      LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
    EtcdNode.guarded(
        observer,
        () -> {
          gate.check();
          node.reply(
              node.store()
                  .revokeLease(new LeaseId(request.getID()), Principal.CLIENT)
                  .thenCompose(this::here),
              _ -> LeaseRevokeResponse.newBuilder().setHeader(node.header()).build(),
              observer);
        });
  }

  /**
   * {@code outcome}, once this member knows of it: leases have no revision to wait for, so a member
   * that does not lead asks how far it must have come.
   */
  private <T> CompletionStage<Outcome<T>> here(Outcome<T> outcome) {
    if (!(outcome instanceof Outcome.Done<T>) || node.store().status().leading()) {
      return CompletableFuture.completedStage(outcome);
    }
    return node.store()
        .range(NOTHING, ReadMode.LINEARIZABLE)
        .thenCompose(read ->
            read instanceof Outcome.Done<OpResult.Range>(OpResult.Range range)
                ? node.store().caughtUp(range.revision())
                : CompletableFuture.completedStage(false))
        .thenApply(_ -> outcome);
  }

  @Override
  public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
      StreamObserver<LeaseKeepAliveResponse> observer) {
    return new KeepAliveStream(
        node, gate, (ServerCallStreamObserver<LeaseKeepAliveResponse>) observer, limits.renewals());
  }

  @Override
  public void leaseTimeToLive(
      LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
    LeaseId id = new LeaseId(request.getID());
    node.reply(
        node.store().leaseTime(id), time -> timeToLive(id, time, request.getKeys()), observer);
  }

  private LeaseTimeToLiveResponse timeToLive(LeaseId id, LeaseTime time, boolean keys) {
    ResponseHeader header = node.header();
    LeaseTimeToLiveResponse.Builder response =
        LeaseTimeToLiveResponse.newBuilder().setHeader(header).setID(id.value());
    if (!time.exists()) {
      return response.setTTL(-1).build();
    }
    if (keys) {
      node.store().leaseKeys(id).forEach(key -> response.addKeys(ToEtcd.bytes(key)));
    }
    return response
        .setTTL(time.remaining().toSeconds())
        .setGrantedTTL(time.granted().toSeconds())
        .build();
  }

  @Override
  public void leaseLeases(
      LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> observer) {
    LeaseLeasesResponse.Builder response =
        LeaseLeasesResponse.newBuilder().setHeader(node.header());
    node.store()
        .leases()
        .forEach(id -> response.addLeases(LeaseStatus.newBuilder().setID(id.value())));
    EtcdNode.send(observer, response.build());
  }
}
