package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.WatchOperationRequest;
import io.quorate.rpc.Agent;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Streams that follow one wish each until it is finished. */
final class OperationFeed {

  /** More streams than this are refused. */
  private static final int STREAMS_MAX = 64;

  private final Agent agent;
  private final Executor executor;
  private final Set<Stream> streams = ConcurrentHashMap.newKeySet();

  OperationFeed(Agent agent, Executor executor) {
    this.agent = agent;
    this.executor = executor;
    agent.onSnapshot(_ -> streams.forEach(stream -> executor.execute(stream::look)));
  }

  void add(WatchOperationRequest request, ServerCallStreamObserver<Operation> observer) {
    if (streams.size() >= STREAMS_MAX) {
      observer.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription("more than " + STREAMS_MAX + " operation streams")
              .asRuntimeException());
      return;
    }
    Stream stream = new Stream(request, observer);
    observer.setOnCancelHandler(() -> streams.remove(stream));
    observer.setOnReadyHandler(() -> executor.execute(stream::look));
    streams.add(stream);
    executor.execute(stream::look);
  }

  /** Ends all streams: the node is going. */
  void close() {
    streams.forEach(Stream::end);
  }

  private final class Stream {
    private final WatchOperationRequest request;
    private final ServerCallStreamObserver<Operation> observer;
    private @Nullable Operation sent;

    Stream(WatchOperationRequest request, ServerCallStreamObserver<Operation> observer) {
      this.request = request;
      this.observer = observer;
    }

    private synchronized void look() {
      Optional<ClusterView> view = agent.snapshot().flatMap(NodeSnapshot::cluster);
      if (!streams.contains(this)
          || view.filter(v -> v.revision() >= request.getRevision()).isEmpty()) {
        return;
      }
      Optional<Intent> intent =
          Optional.ofNullable(view.get().intents().get(request.getSlot()))
              .filter(i -> request.getId().isEmpty() || i.id().equals(request.getId()));
      if (intent.isEmpty()) {
        streams.remove(this);
        observer.onError(
            Errors.of(Status.Code.NOT_FOUND, "NOTHING_TO_CANCEL", "this node knows no such wish"));
        return;
      }
      Operation now = OperationMapping.of(intent.get(), view);
      if (now.equals(sent) || !observer.isReady()) {
        return;
      }
      sent = now;
      observer.onNext(now);
      if (!intent.get().open()) {
        streams.remove(this);
        observer.onCompleted();
      }
    }

    private synchronized void end() {
      if (streams.remove(this)) {
        observer.onError(Errors.of(Status.Code.UNAVAILABLE, "STARTING", "the agent is ending"));
      }
    }
  }
}
