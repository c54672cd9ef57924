package io.quorate.rpc.etcd;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quorate.store.StoreStatus;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Serves requests that say {@code hasleader: true} only where a leader is known, and ends such
 * streams once there has been none for a while, so that their clients turn to another member.
 */
final class LeaderRequired implements ServerInterceptor {

  static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  private final EtcdNode node;
  private final TaskScheduler scheduler;
  private final Executor executor;
  private final Duration patience;
  private final Set<Guarded<?, ?>> streams = ConcurrentHashMap.newKeySet();
  private final AtomicLong changes = new AtomicLong();

  LeaderRequired(EtcdNode node, TaskScheduler scheduler, Duration patience) {
    this.node = node;
    this.scheduler = scheduler;
    this.executor = node.executor();
    this.patience = patience;
    node.store().onStatusChange(this::changed);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!"true".equals(headers.get(HAS_LEADER))) {
      return next.startCall(call, headers);
    }
    if (node.lastStatus().leader().isEmpty()) {
      call.close(EtcdErrors.NO_LEADER, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (call.getMethodDescriptor().getType() == MethodType.UNARY) {
      return next.startCall(call, headers);
    }
    CloseOnce<Q, A> once = new CloseOnce<>(call);
    Guarded<Q, A> guarded = new Guarded<>(once, next.startCall(once, headers));
    streams.add(guarded);
    return guarded;
  }

  private void changed(StoreStatus status) {
    long change = changes.incrementAndGet();
    if (status.leader().isEmpty()) {
      var _ = scheduler.schedule(patience, () -> executor.execute(() -> expired(change)));
    }
  }

  private void expired(long change) {
    if (changes.get() == change && node.store().status().leader().isEmpty()) {
      streams.forEach(Guarded::end);
      streams.clear();
    }
  }

  /** A call that may be closed from two sides. */
  private static final class CloseOnce<Q, A>
      extends io.grpc.ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
    private final Object lock = new Object();
    private boolean closed;

    CloseOnce(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendMessage(A message) {
      synchronized (lock) {
        if (!closed) {
          super.sendMessage(message);
        }
      }
    }

    @Override
    public void close(io.grpc.Status status, Metadata trailers) {
      synchronized (lock) {
        if (!closed) {
          closed = true;
          super.close(status, trailers);
        }
      }
    }
  }

  private final class Guarded<Q, A> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, A> call;

    Guarded(ServerCall<Q, A> call, ServerCall.Listener<Q> listener) {
      super(listener);
      this.call = call;
    }

    void end() {
      call.close(EtcdErrors.NO_LEADER, new Metadata());
      // The service hears of it as of a client that went away.
      super.onCancel();
    }

    @Override
    public void onCancel() {
      streams.remove(this);
      super.onCancel();
    }

    @Override
    public void onComplete() {
      streams.remove(this);
      super.onComplete();
    }
  }
}
