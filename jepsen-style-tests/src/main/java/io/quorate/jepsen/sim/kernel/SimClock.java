package io.quorate.jepsen.sim.kernel;

import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A host's boot clock, which runs a little fast or slow, and its wall clock, which may jump. */
public final class SimClock implements MonotonicClock, InstantSource {

  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final SimKernel kernel;
  private long bootBase;
  private long trueBase;
  private double rate = 1.0;
  private long wallOffset;

  /** A clock of a host that boots now. */
  public SimClock(SimKernel kernel) {
    this.kernel = kernel;
    reboot();
  }

  /** The host booted: the clock begins anew, anywhere. */
  public void reboot() {
    bootBase = 1_000_000L * kernel.random().nextLong(1_000, 1_000_000_000);
    trueBase = kernel.now();
  }

  /** From now on it shows {@code ratio} seconds for each true second. */
  public void rate(double ratio) {
    bootBase = now().nanos();
    trueBase = kernel.now();
    rate = ratio;
  }

  /** Moves the wall clock. */
  public void jump(Duration by) {
    wallOffset += by.toNanos();
  }

  @Override
  public BootTime now() {
    return new BootTime(bootBase + (long) ((kernel.now() - trueBase) * rate));
  }

  /** True nanoseconds until this clock, at its present rate, has moved on by {@code local}. */
  public long trueNanos(Duration local) {
    return (long) Math.ceil(local.toNanos() / rate);
  }

  @Override
  public Instant instant() {
    return EPOCH.plusNanos(kernel.now() + wallOffset);
  }
}
