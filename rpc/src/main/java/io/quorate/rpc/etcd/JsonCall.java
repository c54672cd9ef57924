package io.quorate.rpc.etcd;

import com.google.protobuf.Message;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A call of a service that came in as JSON. The services know no difference: to them it is a gRPC
 * call, whose requests are all there from the beginning.
 */
final class JsonCall<Q, A> extends ServerCall<Q, A> {

  /** Where answers go; called by one thread at a time. */
  interface Sink {
    /** Whether more would be sent at once. */
    boolean ready();

    void message(Message answer);

    void end(Status status);
  }

  private final MethodDescriptor<Q, A> method;
  private final Queue<Q> requests;
  private final Sink sink;
  private final SerialTasks tasks;
  private @Nullable Listener<Q> listener;
  private int wanted;
  private boolean halfClosed;
  private volatile boolean cancelled;

  private JsonCall(MethodDescriptor<Q, A> method, Queue<Q> requests, Sink sink, Executor executor) {
    this.method = method;
    this.requests = requests;
    this.sink = sink;
    this.tasks = new SerialTasks(executor);
  }

  /** Makes a call with {@code requests}, which are messages of the method's own kind. */
  static <Q, A> JsonCall<Q, A> start(
      ServerMethodDefinition<Q, A> definition,
      List<Message> requests,
      Metadata headers,
      Sink sink,
      Executor executor) {
    MethodDescriptor<Q, A> method = definition.getMethodDescriptor();
    Queue<Q> own = new ArrayDeque<>();
    requests.forEach(
        request -> own.add(method.getRequestMarshaller().parse(request.toByteString().newInput())));
    JsonCall<Q, A> call = new JsonCall<>(method, own, sink, executor);
    call.run(() -> {
      call.listener = definition.getServerCallHandler().startCall(call, headers);
      call.listener.onReady();
      call.deliver();
    });
    return call;
  }

  /** A service's mistake ends its call, as it does with gRPC. */
  private void run(Runnable task) {
    tasks.execute(() -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        sink.end(Status.fromThrowable(e));
        cancel();
      }
    });
  }

  @Override
  public void request(int more) {
    run(() -> {
      wanted += more;
      deliver();
    });
  }

  private void deliver() {
    Listener<Q> to = listener;
    while (to != null && !cancelled && wanted > 0 && !requests.isEmpty()) {
      wanted--;
      to.onMessage(requests.remove());
    }
    if (to != null && !cancelled && requests.isEmpty() && !halfClosed) {
      halfClosed = true;
      to.onHalfClose();
    }
  }

  /** More can be sent. */
  void writable() {
    run(() -> {
      Listener<Q> to = listener;
      if (to != null && !cancelled) {
        to.onReady();
      }
    });
  }

  /** The client is gone. */
  void cancel() {
    if (!cancelled) {
      cancelled = true;
      run(() -> {
        Listener<Q> to = listener;
        if (to != null) {
          to.onCancel();
        }
      });
    }
  }

  @Override
  public boolean isReady() {
    return !cancelled && sink.ready();
  }

  @Override
  public void sendHeaders(Metadata headers) {}

  @Override
  public void sendMessage(A message) {
    if (!cancelled && message instanceof Message answer) {
      sink.message(answer);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!cancelled) {
      sink.end(status);
      run(() -> {
        Listener<Q> to = listener;
        if (to != null && !cancelled) {
          to.onComplete();
        }
      });
    }
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public MethodDescriptor<Q, A> getMethodDescriptor() {
    return method;
  }

  @Override
  public Attributes getAttributes() {
    return Attributes.EMPTY;
  }
}
