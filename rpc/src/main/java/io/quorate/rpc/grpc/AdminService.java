package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.proto.admin.v1.AdminGrpc;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Config;
import io.quorate.proto.admin.v1.EditConfigRequest;
import io.quorate.proto.admin.v1.GetConfigRequest;
import io.quorate.proto.admin.v1.GetHistoryRequest;
import io.quorate.proto.admin.v1.GetStatusRequest;
import io.quorate.proto.admin.v1.History;
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
  private final ConfigCalls config;

  AdminService(Agent agent, MonotonicClock clock, StatusFeed feed) {
    this.agent = agent;
    this.clock = clock;
    this.feed = feed;
    this.config = new ConfigCalls(agent.config());
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<ClusterStatus> observer) {
    Optional<NodeSnapshot> snapshot = agent.snapshot();
    if (snapshot.isEmpty()) {
      observer.onError(starting());
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
                    Errors.of(
                        Status.Code.UNKNOWN,
                        "OUTCOME_UNKNOWN",
                        "may have been asked for or not: " + failure));
              } else if (refusal.isEmpty()) {
                observer.onNext(StopClusterResponse.getDefaultInstance());
                observer.onCompleted();
              } else {
                observer.onError(
                    Errors.of(Status.Code.FAILED_PRECONDITION, "NOT_WRITTEN", refusal));
              }
            });
  }

  @Override
  public void getConfig(GetConfigRequest request, StreamObserver<Config> observer) {
    config.read(observer);
  }

  @Override
  public void editConfig(EditConfigRequest request, StreamObserver<Config> observer) {
    config.edit(request, observer);
  }

  @Override
  public void getHistory(GetHistoryRequest request, StreamObserver<History> observer) {
    Optional<NodeSnapshot> snapshot = agent.snapshot();
    if (snapshot.isEmpty()) {
      observer.onError(starting());
      return;
    }
    observer.onNext(HistoryMapping.of(snapshot.get()));
    observer.onCompleted();
  }

  private static StatusRuntimeException starting() {
    return Errors.of(Status.Code.UNAVAILABLE, "STARTING", "the agent is starting");
  }
}
