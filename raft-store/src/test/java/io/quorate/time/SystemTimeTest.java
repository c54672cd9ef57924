package io.quorate.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemTimeTest {
  private final SystemTime time = SystemTime.start();

  @AfterEach
  void close() {
    time.close();
  }

  @Test
  void readsTheBootClock() throws IOException {
    Duration before = uptime();
    Duration now = Duration.ofNanos(time.now().nanos());
    Duration after = uptime();
    // The kernel prints the boot clock cut to hundredths.
    assertThat(now).isBetween(before, after.plusMillis(10));
  }

  @Test
  void neverGoesBack() {
    BootTime last = time.now();
    for (int i = 0; i < 100_000; i++) {
      BootTime next = time.now();
      assertThat(next.isBefore(last)).isFalse();
      last = next;
    }
  }

  @Test
  void runsTasksInOrderOfTheirTimesAndNotBefore() throws InterruptedException {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch done = new CountDownLatch(3);
    BootTime began = time.now();
    AtomicReference<BootTime> ended = new AtomicReference<>();
    time.schedule(
        Duration.ofMillis(60),
        () -> {
          ended.set(time.now());
          note(order, "late", done);
        });
    time.schedule(Duration.ofMillis(20), () -> note(order, "early", done));
    time.schedule(Duration.ofMillis(-5), () -> note(order, "at once", done));
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(order).containsExactly("at once", "early", "late");
    assertThat(began.until(ended.get())).isGreaterThanOrEqualTo(Duration.ofMillis(60));
  }

  @Test
  void neverRunsWithinTheCall() throws InterruptedException {
    AtomicReference<Thread> ranOn = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    time.schedule(
        Duration.ZERO,
        () -> {
          ranOn.set(Thread.currentThread());
          done.countDown();
        });
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(ranOn.get()).isNotEqualTo(Thread.currentThread());
    assertThat(ranOn.get().isDaemon()).isTrue();
  }

  @Test
  void cancelledTaskDoesNotRunAndAFailingOneStopsNoOther() throws InterruptedException {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch done = new CountDownLatch(1);
    AtomicReference<Throwable> reported = new AtomicReference<>();
    time.schedule(
        Duration.ZERO,
        () ->
            Thread.currentThread()
                .setUncaughtExceptionHandler((thread, problem) -> reported.set(problem)));
    TaskScheduler.Cancellable cancelled =
        time.schedule(Duration.ofMillis(20), () -> order.add("cancelled"));
    time.schedule(
        Duration.ofMillis(10),
        () -> {
          throw new IllegalArgumentException("planted");
        });
    time.schedule(Duration.ofMillis(40), () -> note(order, "last", done));
    cancelled.cancel();
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(order).containsExactly("last");
    assertThat(reported.get()).hasMessage("planted");
  }

  @Test
  void endlessDelayIsHeldWithoutOverflow() {
    TaskScheduler.Cancellable never = time.schedule(Duration.ofSeconds(Long.MAX_VALUE), () -> {});
    never.cancel();
    assertThat(time.wall().instant()).isNotNull();
  }

  private static void note(List<String> order, String what, CountDownLatch done) {
    order.add(what);
    done.countDown();
  }

  private static Duration uptime() throws IOException {
    String uptime = Files.readString(Path.of("/proc/uptime"));
    String seconds = uptime.substring(0, uptime.indexOf(' '));
    return Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000));
  }
}
