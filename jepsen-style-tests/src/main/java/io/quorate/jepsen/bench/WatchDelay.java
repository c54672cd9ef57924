package io.quorate.jepsen.bench;

import com.google.common.util.concurrent.Futures;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/**
 * From sending a put to the event at each watcher, one put after the other. The watchers share
 * connections, at most a hundred on each stream, and are spread over all servers.
 */
final class WatchDelay implements StreamObserver<WatchResponse> {

  private static final int STREAM_MAX = 100;
  private static final int PUTS_MIN = 20;

  private final Histogram times = ClosedLoop.histogram();
  private final CountDownLatch created;

  /** Whoever puts, and each watcher: a phase ends when all have seen the put. */
  private final Phaser seen;

  private volatile long sent;
  private volatile boolean counting;

  private WatchDelay(int watchers) {
    this.created = new CountDownLatch(watchers);
    this.seen = new Phaser(watchers);
  }

  /** Measures with so many watchers. */
  static Row.Sample of(int watchers, Row.Target target) {
    int streams = Math.max(Math.min(watchers, ServerGroup.SIZE), watchers / STREAM_MAX);
    List<ManagedChannel> channels = target.clients().connect(streams, target.group().ports());
    int leader = target.clients().awaitLeader(target.group());
    ManagedChannel writer = target.clients().connect(target.group().ports().get(leader));
    try {
      WatchDelay delay = new WatchDelay(watchers);
      delay.watch(watchers, channels);
      return delay.puts(writer, target);
    } finally {
      List<ManagedChannel> ended = new ArrayList<>(channels);
      ended.add(writer);
      target.clients().disconnect(ended);
    }
  }

  private void watch(int watchers, List<ManagedChannel> channels) {
    List<StreamObserver<WatchRequest>> requests = new ArrayList<>();
    channels.forEach(channel -> requests.add(WatchGrpc.newStub(channel).watch(this)));
    for (int i = 0; i < watchers; i++) {
      requests
          .get(i % requests.size())
          .onNext(
              WatchRequest.newBuilder()
                  .setCreateRequest(WatchCreateRequest.newBuilder().setKey(Rows.key(-1)))
                  .build());
    }
    try {
      if (!created.await(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException(created.getCount() + " watches were not created in 20 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Row.Sample puts(ManagedChannel writer, Row.Target target) {
    KVGrpc.KVFutureStub stub = KVGrpc.newFutureStub(writer);
    long begun = System.nanoTime();
    long warm = begun + target.warmUp().toNanos();
    long end = warm + target.time().toNanos();
    long puts = 0;
    while (System.nanoTime() - end < 0 || puts < PUTS_MIN) {
      counting = System.nanoTime() - warm >= 0;
      if (counting) {
        puts++;
      }
      int phase = seen.getPhase();
      sent = System.nanoTime();
      var answer = stub.put(PutRequest.newBuilder().setKey(Rows.key(-1)).build());
      try {
        seen.awaitAdvanceInterruptibly(phase, 10, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        throw new IllegalStateException("a put was not seen by all watchers within 10 s", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      var _ = Futures.getUnchecked(answer);
    }
    return new Row.Sample.Times(times, 0, 0);
  }

  @Override
  public void onNext(WatchResponse response) {
    if (response.getCreated()) {
      created.countDown();
      return;
    }
    for (int i = 0; i < response.getEventsCount(); i++) {
      if (counting) {
        times.recordValue((System.nanoTime() - sent) / 1000);
      }
      var _ = seen.arrive();
    }
  }

  @Override
  public void onError(Throwable failure) {
    // Whoever waits for events says that they do not come; at the end streams are broken off.
  }

  @Override
  public void onCompleted() {
    // As above.
  }
}
