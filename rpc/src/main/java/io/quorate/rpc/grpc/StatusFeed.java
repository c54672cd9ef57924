package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.rpc.Agent;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Streams that follow the snapshots. Each keeps no more than the latest one that its caller has not
 * taken yet, so a slow caller costs nothing and misses only what is outdated.
 */
final class StatusFeed {

  /** More streams than this are refused. */
  static final int STREAMS_MAX = 256;

  private final Agent agent;
  private final Executor executor;
  private final Set<Stream<?>> streams = ConcurrentHashMap.newKeySet();

  /**
   * A feed.
   *
   * @param executor runs the sending, away from the engine's thread
   */
  StatusFeed(Agent agent, Executor executor) {
    this.agent = agent;
    this.executor = executor;
    agent.onSnapshot(snapshot -> streams.forEach(stream -> stream.offer(snapshot)));
  }

  /** Adds a stream, which sends {@code mapping} of the present snapshot at once. */
  <T> void add(ServerCallStreamObserver<T> observer, Function<NodeSnapshot, T> mapping) {
    if (streams.size() >= STREAMS_MAX) {
      observer.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription("more than " + STREAMS_MAX + " status streams")
              .asRuntimeException());
      return;
    }
    Stream<T> stream = new Stream<>(observer, mapping);
    observer.setOnCancelHandler(() -> streams.remove(stream));
    observer.setOnReadyHandler(stream::send);
    streams.add(stream);
    agent.snapshot().ifPresent(stream::offer);
  }

  /** Ends all streams: the node is going. */
  void close() {
    streams.forEach(Stream::end);
  }

  private final class Stream<T> {
    private final ServerCallStreamObserver<T> observer;
    private final Function<NodeSnapshot, T> mapping;
    private final AtomicReference<@Nullable NodeSnapshot> latest = new AtomicReference<>();

    Stream(ServerCallStreamObserver<T> observer, Function<NodeSnapshot, T> mapping) {
      this.observer = observer;
      this.mapping = mapping;
    }

    void offer(NodeSnapshot snapshot) {
      if (latest.getAndSet(snapshot) == null) {
        executor.execute(this::send);
      }
    }

    /** Sends what waits, if the caller can take it; else its readiness calls again. */
    synchronized void send() {
      if (observer.isCancelled() || !observer.isReady()) {
        return;
      }
      Optional.ofNullable(latest.getAndSet(null)).map(mapping).ifPresent(observer::onNext);
    }

    synchronized void end() {
      if (streams.remove(this)) {
        observer.onError(
            Status.UNAVAILABLE.withDescription("the agent is ending").asRuntimeException());
      }
    }
  }
}
