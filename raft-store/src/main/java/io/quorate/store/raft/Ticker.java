package io.quorate.store.raft;

import io.quorate.store.machine.StoreCommand;
import io.quorate.time.MonotonicClock;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Lets time pass for the parts that need it: fast while this member leads, else once a second. */
final class Ticker implements AutoCloseable {
  private static final Duration PULSE = Duration.ofSeconds(1);

  private final TaskScheduler scheduler;
  private final MonotonicClock clock;
  private final LeaderDesk desk;
  private final Supplier<RaftNode> node;
  private final Duration requestLimit;
  private final Runnable pulse;
  private final AtomicBoolean sweeping = new AtomicBoolean();
  private volatile boolean closed;

  /**
   * @param requestLimit proposals that nothing was heard of for so long are given up
   * @param pulse called once a second; must not block
   */
  Ticker(
      TaskScheduler scheduler,
      MonotonicClock clock,
      LeaderDesk desk,
      Supplier<RaftNode> node,
      Duration requestLimit,
      Runnable pulse) {
    this.scheduler = scheduler;
    this.clock = clock;
    this.desk = desk;
    this.node = node;
    this.requestLimit = requestLimit;
    this.pulse = pulse;
  }

  void start() {
    var _ = scheduler.schedule(PULSE, this::everySecond);
  }

  /** This member leads now: leases run out, and rounds are due. */
  void leading() {
    if (sweeping.compareAndSet(false, true)) {
      sweepLater();
    }
  }

  private void sweepLater() {
    var _ = scheduler.schedule(desk.untilTick(), this::sweep);
  }

  private void sweep() {
    if (closed) {
      return;
    }
    if (!desk.leading()) {
      sweeping.set(false);
      if (desk.leading()) {
        leading();
      }
      return;
    }
    for (StoreCommand.ExpireLease expiry : desk.tick()) {
      // Whatever becomes of it: it is proposed again until it is applied or the term ends.
      var _ = node.get().propose(expiry, clock.now());
    }
    sweepLater();
  }

  private void everySecond() {
    if (!closed) {
      node.get().expire(clock.now(), requestLimit);
      pulse.run();
      start();
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
