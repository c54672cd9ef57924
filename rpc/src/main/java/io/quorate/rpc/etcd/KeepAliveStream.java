package io.quorate.rpc.etcd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.LeaseKeepAliveRequest;
import io.quorate.proto.etcd.LeaseKeepAliveResponse;
import io.quorate.store.LeaseId;
import io.quorate.store.Principal;
import io.quorate.store.Renewal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One stream of keep-alives. They are passed on as they come, so that many share one confirmation
 * round, and answered in their order; a client whose answers pile up is not read further.
 */
final class KeepAliveStream implements StreamObserver<LeaseKeepAliveRequest> {

  /** A keep-alive under way; the revision is that from before it, as etcd has it. */
  private static final class Pending {
    final LeaseKeepAliveResponse.Builder response;
    boolean answered;
    Status failure = Status.OK;

    Pending(LeaseKeepAliveResponse.Builder response) {
      this.response = response;
    }
  }

  private final EtcdNode node;
  private final WriteGate gate;
  private final ServerCallStreamObserver<LeaseKeepAliveResponse> observer;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private int owed;
  private boolean closing;
  private boolean over;

  /** A stream that has at most {@code window} renewals under way. */
  KeepAliveStream(
      EtcdNode node,
      WriteGate gate,
      ServerCallStreamObserver<LeaseKeepAliveResponse> observer,
      int window) {
    this.node = node;
    this.gate = gate;
    this.observer = observer;
    observer.disableAutoRequest();
    observer.setOnCancelHandler(this::cancelled);
    observer.setOnReadyHandler(this::readOn);
    observer.request(window);
  }

  @Override
  public void onNext(LeaseKeepAliveRequest request) {
    long id = request.getID();
    Pending next =
        new Pending(LeaseKeepAliveResponse.newBuilder().setHeader(node.header()).setID(id));
    lock.lock();
    try {
      pending.add(next);
    } finally {
      lock.unlock();
    }
    try {
      gate.check();
    } catch (StatusRuntimeException refused) {
      answered(next, refused.getStatus());
      return;
    }
    CompletionStage<Renewal> renewal = node.store().keepAlive(new LeaseId(id), Principal.CLIENT);
    var _ =
        renewal.whenCompleteAsync(
            (answer, thrown) -> {
              if (thrown != null) {
                answered(next, EtcdErrors.unknown());
                return;
              }
              switch (answer) {
                case Renewal.Renewed(Duration ttl) -> {
                  next.response.setTTL(ttl.toSeconds());
                  answered(next, Status.OK);
                }
                case Renewal.Gone _ -> answered(next, Status.OK);
                case Renewal.Denied _ -> answered(next, EtcdErrors.PERMISSION_DENIED);
                case Renewal.Unavailable _ ->
                    answered(
                        next,
                        node.store().status().leader().isEmpty()
                            ? EtcdErrors.NO_LEADER
                            : EtcdErrors.unknown());
              }
            },
            node.executor());
  }

  private void answered(Pending one, Status status) {
    lock.lock();
    try {
      one.answered = true;
      one.failure = status;
      while (!over && !pending.isEmpty() && pending.getFirst().answered) {
        Pending first = pending.removeFirst();
        if (!first.failure.isOk()) {
          over = true;
          observer.onError(EtcdErrors.thrown(first.failure));
        } else {
          observer.onNext(first.response.build());
          owed++;
        }
      }
      finish();
    } finally {
      lock.unlock();
    }
    readOn();
  }

  /** Reads as many more as were answered, once the client takes its answers. */
  private void readOn() {
    int more = 0;
    lock.lock();
    try {
      if (!over && observer.isReady()) {
        more = owed;
        owed = 0;
      }
    } finally {
      lock.unlock();
    }
    if (more > 0) {
      observer.request(more);
    }
  }

  /** Ends a stream that the client has ended, once all is answered. */
  private void finish() {
    if (closing && !over && pending.isEmpty()) {
      over = true;
      observer.onCompleted();
    }
  }

  @Override
  public void onCompleted() {
    lock.lock();
    try {
      closing = true;
      finish();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable thrown) {
    cancelled();
  }

  private void cancelled() {
    lock.lock();
    try {
      over = true;
      pending.clear();
    } finally {
      lock.unlock();
    }
  }
}
