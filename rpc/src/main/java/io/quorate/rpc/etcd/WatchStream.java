package io.quorate.rpc.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.store.Bytes;
import io.quorate.store.Revision;
import io.quorate.store.WatchQuery;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** All watches of one stream: made, cancelled and asked for their progress by its client. */
final class WatchStream implements StreamObserver<WatchRequest> {

  /** What etcd calls no watch, or all of the stream. */
  private static final long NO_WATCH = -1;

  /** How long a progress request waits before it looks again whether all watches have caught up. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private static final Bytes FIRST_KEY = Bytes.of(new byte[] {0});

  private final EtcdNode node;
  private final EtcdSettings.Limits limits;
  private final TaskScheduler scheduler;
  private final WatchOutlet outlet;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Long, EtcdWatch> watches = new HashMap<>();
  private TaskScheduler.Cancellable ticking = () -> {};
  private long nextId;
  private boolean asked;
  private boolean over;

  WatchStream(
      EtcdNode node,
      EtcdSettings.Limits limits,
      TaskScheduler scheduler,
      ServerCallStreamObserver<WatchResponse> observer) {
    this.node = node;
    this.limits = limits;
    this.scheduler = scheduler;
    this.outlet = new WatchOutlet(observer);
    observer.setOnCancelHandler(this::gone);
    tickLater();
  }

  @Override
  public void onNext(WatchRequest request) {
    switch (request.getRequestUnionCase()) {
      case CREATE_REQUEST -> create(request.getCreateRequest());
      case CANCEL_REQUEST -> cancel(request.getCancelRequest().getWatchId());
      case PROGRESS_REQUEST -> progressAsked();
      // etcd passes over what it does not know, too.
      case REQUESTUNION_NOT_SET -> {}
    }
    outlet.readOn();
  }

  private void create(WatchCreateRequest request) {
    Revision now = node.store().facts().revision();
    EtcdWatch watch;
    lock.lock();
    try {
      if (over) {
        return;
      }
      if (watches.size() >= limits.watches()) {
        refuse(
            now,
            "etcdserver: too many watches on this stream, at most "
                + limits.watches()
                + ": open another one");
        return;
      }
      if (isEmpty(request)) {
        refuse(now, "mvcc: watcher range is empty");
        return;
      }
      if (request.getWatchId() != 0 && watches.containsKey(request.getWatchId())) {
        refuse(now, "mvcc: duplicate watch ID provided on the WatchStream");
        return;
      }
      long id = request.getWatchId() == 0 ? freeId() : request.getWatchId();
      watch = new EtcdWatch(id, request, node, outlet, limits.fragmentBytes(), this::ended);
      watches.put(id, watch);
      outlet.send(
          WatchResponse.newBuilder()
              .setHeader(node.header(now))
              .setWatchId(id)
              .setCreated(true)
              .build());
    } finally {
      lock.unlock();
    }
    watch.attach(node.store().watch(query(request, now), watch));
  }

  private long freeId() {
    while (watches.containsKey(nextId)) {
      nextId++;
    }
    return nextId++;
  }

  private void refuse(Revision now, String reason) {
    outlet.send(
        WatchResponse.newBuilder()
            .setHeader(node.header(now))
            .setWatchId(NO_WATCH)
            .setCreated(true)
            .setCanceled(true)
            .setCancelReason(reason)
            .build());
  }

  /** Whether no key can be in the range; an end of one zero byte is none. */
  private static boolean isEmpty(WatchCreateRequest request) {
    Bytes end = FromEtcd.bytes(request.getRangeEnd());
    return !request.getRangeEnd().isEmpty()
        && !end.equals(FIRST_KEY)
        && first(request).compareTo(end) >= 0;
  }

  private static Bytes first(WatchCreateRequest request) {
    return request.getKey().isEmpty() ? FIRST_KEY : FromEtcd.bytes(request.getKey());
  }

  private static WatchQuery query(WatchCreateRequest request, Revision now) {
    Revision start =
        request.getStartRevision() == 0
            ? new Revision(now.value() + 1)
            : new Revision(Math.max(1, request.getStartRevision()));
    return new WatchQuery(
        first(request), FromEtcd.bytes(request.getRangeEnd()), start, request.getPrevKv());
  }

  private void cancel(long id) {
    EtcdWatch watch;
    lock.lock();
    try {
      watch = watches.remove(id);
    } finally {
      lock.unlock();
    }
    if (watch == null) {
      return;
    }
    // Closing waits for what the watch is sending, and that for the client: not in this thread,
    // which has to hear that the client went away.
    node.executor()
        .execute(() -> {
          watch.close();
          outlet.send(
              WatchResponse.newBuilder()
                  .setHeader(node.header())
                  .setWatchId(id)
                  .setCanceled(true)
                  .build());
        });
  }

  private void ended(EtcdWatch watch) {
    lock.lock();
    try {
      watches.remove(watch.id(), watch);
    } finally {
      lock.unlock();
    }
  }

  /** Requests that come while one waits are answered with it. */
  private void progressAsked() {
    lock.lock();
    try {
      if (asked) {
        return;
      }
      asked = true;
    } finally {
      lock.unlock();
    }
    answerProgress(node.store().facts().revision());
  }

  /** Tells the client once every watch has delivered what there was when it asked. */
  private void answerProgress(Revision wanted) {
    lock.lock();
    try {
      if (over) {
        return;
      }
      Revision delivered = delivered(wanted);
      if (delivered.compareTo(wanted) >= 0) {
        asked = false;
        outlet.send(progress(NO_WATCH, wanted));
        return;
      }
    } finally {
      lock.unlock();
    }
    var _ =
        scheduler.schedule(LOOK_AGAIN, () -> node.executor().execute(() -> answerProgress(wanted)));
  }

  private Revision delivered(Revision most) {
    Revision least = most;
    for (EtcdWatch watch : watches.values()) {
      least = least(least, watch.delivered());
    }
    return least;
  }

  private static Revision least(Revision one, Revision other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private WatchResponse progress(long id, Revision revision) {
    return WatchResponse.newBuilder().setHeader(node.header(revision)).setWatchId(id).build();
  }

  private void tickLater() {
    lock.lock();
    try {
      if (!over) {
        ticking =
            scheduler.schedule(limits.progressEvery(), () -> node.executor().execute(this::tick));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Tells watches that asked for it, and had nothing to tell, how far they have come. */
  private void tick() {
    Revision now = node.store().facts().revision();
    lock.lock();
    try {
      for (EtcdWatch watch : watches.values()) {
        boolean busy = watch.wasBusy();
        Revision delivered = least(watch.delivered(), now);
        if (watch.wantsProgress() && !busy && !delivered.equals(Revision.NONE)) {
          outlet.send(progress(watch.id(), delivered));
        }
      }
    } finally {
      lock.unlock();
    }
    tickLater();
  }

  /** As with etcd the stream goes on without further requests, until its client cancels it. */
  @Override
  public void onCompleted() {}

  @Override
  public void onError(Throwable thrown) {
    gone();
  }

  private void gone() {
    end(outlet::cancelled);
  }

  private void end(Runnable last) {
    List<EtcdWatch> all;
    lock.lock();
    try {
      over = true;
      ticking.cancel();
      all = List.copyOf(watches.values());
      watches.clear();
    } finally {
      lock.unlock();
    }
    // First, so that no watch waits for the client any more.
    last.run();
    all.forEach(EtcdWatch::close);
  }
}
