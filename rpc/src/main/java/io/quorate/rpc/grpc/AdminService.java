package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.proto.admin.v1.AdminGrpc;
import io.quorate.proto.admin.v1.CancelRequest;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Config;
import io.quorate.proto.admin.v1.EditConfigRequest;
import io.quorate.proto.admin.v1.ExplainRequest;
import io.quorate.proto.admin.v1.Explanation;
import io.quorate.proto.admin.v1.FailoverRequest;
import io.quorate.proto.admin.v1.GetConfigRequest;
import io.quorate.proto.admin.v1.GetHistoryRequest;
import io.quorate.proto.admin.v1.GetOperationsRequest;
import io.quorate.proto.admin.v1.GetStatusRequest;
import io.quorate.proto.admin.v1.History;
import io.quorate.proto.admin.v1.JournalEntry;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.Operations;
import io.quorate.proto.admin.v1.PauseRequest;
import io.quorate.proto.admin.v1.PauseResponse;
import io.quorate.proto.admin.v1.ReinitializeRequest;
import io.quorate.proto.admin.v1.ReloadRequest;
import io.quorate.proto.admin.v1.RestartRequest;
import io.quorate.proto.admin.v1.ResumeRequest;
import io.quorate.proto.admin.v1.ResumeResponse;
import io.quorate.proto.admin.v1.StopClusterRequest;
import io.quorate.proto.admin.v1.StopClusterResponse;
import io.quorate.proto.admin.v1.SwitchoverRequest;
import io.quorate.proto.admin.v1.WatchJournalRequest;
import io.quorate.proto.admin.v1.WatchOperationRequest;
import io.quorate.proto.admin.v1.WatchStatusRequest;
import io.quorate.rpc.Agent;
import io.quorate.time.MonotonicClock;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The admin service: status from the snapshot at hand, and operators' wishes. */
final class AdminService extends AdminGrpc.AdminImplBase {

  private static final Logger LOG = LoggerFactory.getLogger(AdminService.class);

  /** So long is the store waited for by whoever wants the current state. */
  private static final long CURRENT_MS = 500;

  private final Agent agent;
  private final MonotonicClock clock;
  private final Streams streams;
  private final ConfigCalls config;
  private final WishCalls wishes;
  private final ExplainCalls explain;

  /** What sends more than one answer. */
  record Streams(StatusFeed status, OperationFeed operations, JournalCalls journal) {
    /** Ends all streams: the node is going. */
    void close() {
      status.close();
      operations.close();
      journal.close();
    }
  }

  AdminService(Agent agent, MonotonicClock clock, Streams streams) {
    this.agent = agent;
    this.clock = clock;
    this.streams = streams;
    this.config = new ConfigCalls(agent.config());
    this.wishes = new WishCalls(agent.commands());
    this.explain = new ExplainCalls(agent.journal());
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<ClusterStatus> observer) {
    Optional<NodeSnapshot> snapshot = agent.snapshot();
    if (snapshot.isEmpty()) {
      observer.onError(starting());
      return;
    }
    if (!request.getCurrent()) {
      observer.onNext(StatusMapping.of(snapshot.get(), clock.now()));
      observer.onCompleted();
      return;
    }
    var _ =
        agent
            .commands()
            .cluster()
            .toCompletableFuture()
            .completeOnTimeout(Optional.empty(), CURRENT_MS, TimeUnit.MILLISECONDS)
            .thenAccept(current -> {
              observer.onNext(status(agent.snapshot().orElse(snapshot.get()), current));
              observer.onCompleted();
            });
  }

  /** Nothing older than what is known here already. */
  private ClusterStatus status(NodeSnapshot snapshot, Optional<ClusterView> current) {
    long known = snapshot.cluster().map(ClusterView::revision).orElse(0L);
    return current
        .filter(view -> view.revision() >= known)
        .map(view -> StatusMapping.of(snapshot, view, clock.now()))
        .orElseGet(() -> StatusMapping.of(snapshot, clock.now()));
  }

  @Override
  public void watchStatus(WatchStatusRequest request, StreamObserver<ClusterStatus> observer) {
    streams
        .status()
        .add(
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

  @Override
  public void explain(ExplainRequest request, StreamObserver<Explanation> observer) {
    Optional<NodeSnapshot> snapshot = agent.snapshot();
    if (snapshot.isEmpty()) {
      observer.onError(starting());
      return;
    }
    explain.explain(request, snapshot.get(), clock.now(), observer);
  }

  @Override
  public void watchJournal(WatchJournalRequest request, StreamObserver<JournalEntry> observer) {
    streams
        .journal()
        .watch(request.getNewOnly(), (ServerCallStreamObserver<JournalEntry>) observer);
  }

  @Override
  public void watchOperation(WatchOperationRequest request, StreamObserver<Operation> observer) {
    streams.operations().add(request, (ServerCallStreamObserver<Operation>) observer);
  }

  @Override
  public void getOperations(GetOperationsRequest request, StreamObserver<Operations> observer) {
    Optional<ClusterView> view = agent.snapshot().flatMap(NodeSnapshot::cluster);
    if (view.isEmpty()) {
      observer.onError(starting());
      return;
    }
    Operations.Builder operations = Operations.newBuilder();
    view.get()
        .intents()
        .values()
        .forEach(intent -> operations.addOperations(OperationMapping.of(intent, view)));
    observer.onNext(operations.build());
    observer.onCompleted();
  }

  @Override
  public void switchover(SwitchoverRequest request, StreamObserver<Operation> observer) {
    wishes.switchover(request, observer);
  }

  @Override
  public void failover(FailoverRequest request, StreamObserver<Operation> observer) {
    wishes.failover(request, observer);
  }

  @Override
  public void restart(RestartRequest request, StreamObserver<Operation> observer) {
    wishes.restart(request, observer);
  }

  @Override
  public void reload(ReloadRequest request, StreamObserver<Operation> observer) {
    wishes.reload(request, observer);
  }

  @Override
  public void reinitialize(ReinitializeRequest request, StreamObserver<Operation> observer) {
    wishes.reinitialize(request, observer);
  }

  @Override
  public void cancel(CancelRequest request, StreamObserver<Operation> observer) {
    wishes.cancel(request, observer);
  }

  @Override
  public void pause(PauseRequest request, StreamObserver<PauseResponse> observer) {
    wishes.pause(true, PauseResponse.getDefaultInstance(), observer);
  }

  @Override
  public void resume(ResumeRequest request, StreamObserver<ResumeResponse> observer) {
    wishes.pause(false, ResumeResponse.getDefaultInstance(), observer);
  }

  private static StatusRuntimeException starting() {
    return Errors.of(Status.Code.UNAVAILABLE, "STARTING", "the agent is starting");
  }
}
