package io.quorate.jepsen.bench;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Clients each of which sends its next request as soon as the last one is answered. */
final class ClosedLoop {

  /** Longest time that is told apart from longer ones, in microseconds. */
  private static final long LONGEST_US = 60_000_000;

  private static final int DIGITS = 3;

  private final Histogram times = histogram();
  private final AtomicLong errors = new AtomicLong();
  private final CountDownLatch ended;
  private volatile boolean counting;
  private volatile boolean stopping;

  private ClosedLoop(int clients) {
    this.ended = new CountDownLatch(clients);
  }

  /** Of times in microseconds. */
  static Histogram histogram() {
    return new ConcurrentHistogram(LONGEST_US, DIGITS);
  }

  /**
   * Runs one client for each of {@code clients}; what is sent before {@code warmUp} is over is not
   * counted.
   */
  static Row.Sample run(
      List<Supplier<ListenableFuture<?>>> clients, Duration warmUp, Duration time) {
    return run(clients, warmUp, time, () -> {});
  }

  /** The same; {@code boundary} is called when counting begins, and when it ends. */
  static Row.Sample.Times run(
      List<Supplier<ListenableFuture<?>>> clients,
      Duration warmUp,
      Duration time,
      Runnable boundary) {
    ClosedLoop loop = new ClosedLoop(clients.size());
    clients.forEach(loop::next);
    LockSupport.parkNanos(warmUp.toNanos());
    long began = System.nanoTime();
    boundary.run();
    loop.counting = true;
    LockSupport.parkNanos(time.toNanos());
    loop.counting = false;
    boundary.run();
    double seconds = (System.nanoTime() - began) / 1e9;
    loop.stopping = true;
    try {
      loop.ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Row.Sample.Times(loop.times, loop.errors.get(), seconds);
  }

  private void next(Supplier<ListenableFuture<?>> client) {
    if (stopping) {
      ended.countDown();
      return;
    }
    long sent = System.nanoTime();
    Futures.addCallback(
        client.get(),
        new FutureCallback<Object>() {
          @Override
          public void onSuccess(Object answer) {
            if (counting) {
              times.recordValue(Math.min(LONGEST_US, (System.nanoTime() - sent) / 1000));
            }
            next(client);
          }

          @Override
          public void onFailure(Throwable failure) {
            if (counting) {
              errors.incrementAndGet();
            }
            next(client);
          }
        },
        MoreExecutors.directExecutor());
  }
}
