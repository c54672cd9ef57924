package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.rpc.Agent;
import io.quorate.rpc.rest.HealthAnswer;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * gRPC's standard health service: the empty service name for the agent, {@value #PRIMARY} for the
 * same truth as {@code GET /primary}. Judged at the time of the answer: the stock implementation
 * repeats what it was last told, which outlives a lease when the agent hangs.
 */
final class PrimaryHealth extends HealthGrpc.HealthImplBase {

  static final String PRIMARY = "primary";
  private static final String AGENT = "";

  /** How often a watched answer is judged anew: nobody tells of a lease that merely runs out. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  /** More watches than this are refused. */
  private static final int WATCHES_MAX = 256;

  private final Agent agent;
  private final MonotonicClock clock;
  private final TaskScheduler scheduler;
  private final Executor executor;
  private final AtomicInteger watches = new AtomicInteger();

  PrimaryHealth(Agent agent, MonotonicClock clock, TaskScheduler scheduler, Executor executor) {
    this.agent = agent;
    this.clock = clock;
    this.scheduler = scheduler;
    this.executor = executor;
  }

  private ServingStatus status(String service) {
    return switch (service) {
      case AGENT -> ServingStatus.SERVING;
      case PRIMARY -> {
        Optional<NodeSnapshot> snapshot = agent.snapshot();
        yield snapshot.filter(s -> HealthAnswer.isPrimary(s, clock.now())).isPresent()
            ? ServingStatus.SERVING
            : ServingStatus.NOT_SERVING;
      }
      default -> ServingStatus.SERVICE_UNKNOWN;
    };
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    ServingStatus status = status(request.getService());
    if (status == ServingStatus.SERVICE_UNKNOWN) {
      observer.onError(
          Status.NOT_FOUND
              .withDescription(
                  "no service '" + request.getService() + "': ask for '' or '" + PRIMARY + "'")
              .asRuntimeException());
      return;
    }
    observer.onNext(response(status));
    observer.onCompleted();
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    if (watches.incrementAndGet() > WATCHES_MAX) {
      watches.decrementAndGet();
      observer.onError(
          Status.RESOURCE_EXHAUSTED
              .withDescription("more than " + WATCHES_MAX + " health watches")
              .asRuntimeException());
      return;
    }
    new Watch(request.getService(), (ServerCallStreamObserver<HealthCheckResponse>) observer)
        .look();
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }

  private final class Watch {
    private final String service;
    private final ServerCallStreamObserver<HealthCheckResponse> observer;
    private @Nullable ServingStatus sent;

    Watch(String service, ServerCallStreamObserver<HealthCheckResponse> observer) {
      this.service = service;
      this.observer = observer;
      observer.setOnCancelHandler(watches::decrementAndGet);
    }

    private synchronized void look() {
      if (observer.isCancelled()) {
        return;
      }
      ServingStatus now = status(service);
      if (now != sent && observer.isReady()) {
        sent = now;
        observer.onNext(response(now));
      }
      var _ = scheduler.schedule(LOOK_EVERY, () -> executor.execute(this::look));
    }
  }
}
