package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.proto.admin.v1.AdminGrpc;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.GetStatusRequest;
import io.quorate.proto.admin.v1.StopClusterRequest;
import io.quorate.proto.admin.v1.StopClusterResponse;
import io.quorate.proto.admin.v1.WatchStatusRequest;
import io.quorate.rpc.Agent;
import io.quorate.time.MonotonicClock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The admin service: status from the snapshot at hand, and operators' wishes. */
final class AdminService extends AdminGrpc.AdminImplBase {

  private static final Logger LOG = LoggerFactory.getLogger(AdminService.class);

  private final Agent agent;
  private final MonotonicClock clock;
  private final StatusFeed feed;

  AdminService(Agent agent, MonotonicClock clock, StatusFeed feed) {
    this.agent = agent;
    this.clock = clock;
    this.feed = feed;
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<ClusterStatus> observer) {
    Optional<NodeSnapshot> snapshot = agent.snapshot();
    if (snapshot.isEmpty()) {
      observer.onError(
          Status.UNAVAILABLE.withDescription("the agent is starting").asRuntimeException());
      return;
    }
    observer.onNext(StatusMapping.of(snapshot.get(), clock.now()));
    observer.onCompleted();
  }

  @Override
  public void watchStatus(WatchStatusRequest request, StreamObserver<ClusterStatus> observer) {
    feed.add(
        (ServerCallStreamObserver<ClusterStatus>) observer,
        snapshot -> StatusMapping.of(snapshot, clock.now()));
  }

  @Override
  public void stopCluster(
      StopClusterRequest request, StreamObserver<StopClusterResponse> observer) {
    LOG.info("asked to stop the whole cluster");
    var _ =
        agent
            .stopCluster()
            .whenComplete((refusal, failure) -> {
              if (failure != null) {
                observer.onError(
                    Status.UNKNOWN
                        .withDescription("may have been asked for or not: " + failure)
                        .asRuntimeException());
              } else if (refusal.isEmpty()) {
                observer.onNext(StopClusterResponse.getDefaultInstance());
                observer.onCompleted();
              } else {
                observer.onError(
                    Status.FAILED_PRECONDITION.withDescription(refusal).asRuntimeException());
              }
            });
  }
}
