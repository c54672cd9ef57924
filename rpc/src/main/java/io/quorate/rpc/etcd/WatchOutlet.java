package io.quorate.rpc.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.proto.etcd.WatchResponse;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the responses of all watches of a stream go out, one after the other. Who has changes to
 * tell waits, in a thread of its own, until the client takes them: a slow client costs the server
 * nothing but the time that its watches stay behind, and in the end they are compacted away.
 */
final class WatchOutlet {

  private final ServerCallStreamObserver<WatchResponse> observer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ready = lock.newCondition();
  private boolean over;

  /** Whether a request is to be read; only looked at in the stream's callbacks. */
  private boolean owed;

  WatchOutlet(ServerCallStreamObserver<WatchResponse> observer) {
    this.observer = observer;
    observer.disableAutoRequest();
    observer.setOnReadyHandler(this::wake);
    observer.request(1);
  }

  private void wake() {
    lock.lock();
    try {
      ready.signalAll();
    } finally {
      lock.unlock();
    }
    if (owed) {
      readOn();
    }
  }

  /** Reads the client's next request, once it takes what it was sent: by the stream's thread. */
  void readOn() {
    owed = !observer.isReady();
    if (!owed) {
      observer.request(1);
    }
  }

  /** Sends what is small and rare, without waiting. */
  void send(WatchResponse response) {
    lock.lock();
    try {
      if (!over) {
        observer.onNext(response);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends {@code responses} together, once the client takes more; blocks until then, or until the
   * stream is over.
   */
  void sendWhenReady(List<WatchResponse> responses) {
    lock.lock();
    try {
      while (!over && !observer.isReady()) {
        ready.awaitUninterruptibly();
      }
      for (WatchResponse response : responses) {
        if (!over) {
          observer.onNext(response);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** The client is gone. */
  void cancelled() {
    lock.lock();
    try {
      over = true;
      ready.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
