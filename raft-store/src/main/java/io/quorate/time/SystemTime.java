package io.quorate.time;

import io.quorate.invariant.Invariant;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.time.InstantSource;

/**
 * The machine's clocks, and a timer on one daemon thread. The only class that reads a clock.
 *
 * <p>Elapsed time is {@code CLOCK_BOOTTIME}, which goes on while the machine is suspended; Java's
 * own clock stands still then, and a lease timed by it would outlive its end. Linux only; needs
 * {@code --enable-native-access}.
 */
public final class SystemTime implements MonotonicClock, TaskScheduler, AutoCloseable {
  /** From {@code <time.h>} on Linux, the same on every architecture. */
  private static final int CLOCK_BOOTTIME = 7;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** {@code int clock_gettime(clockid_t, struct timespec *)}. */
  private static final MethodHandle CLOCK_GETTIME = clockGettime();

  private final BootTimer timer = new BootTimer(this);

  private SystemTime() {}

  /** Starts the timer's thread, which ends with {@link #close()}. */
  public static SystemTime start() {
    SystemTime time = new SystemTime();
    time.timer.start();
    return time;
  }

  @Override
  public BootTime now() {
    // struct timespec is two 64-bit numbers on every 64-bit Linux that the JDK runs on.
    long[] timespec = new long[2];
    int result = read(MemorySegment.ofArray(timespec));
    Invariant.check(result == 0, "clock_gettime(CLOCK_BOOTTIME) returned %s", result);
    return new BootTime(timespec[0] * NANOS_PER_SECOND + timespec[1]);
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    return timer.schedule(delay, task);
  }

  /** Wall time, for people and for schedules; it may jump in either direction. */
  public InstantSource wall() {
    return InstantSource.system();
  }

  /** Ends the timer's thread; tasks that are still to come never run. */
  @Override
  public void close() {
    timer.close();
  }

  private static int read(MemorySegment timespec) {
    try {
      return (int) CLOCK_GETTIME.invokeExact(CLOCK_BOOTTIME, timespec);
    } catch (Throwable e) {
      throw new IllegalStateException("clock_gettime cannot be called", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle clockGettime() {
    Linker linker = Linker.nativeLinker();
    // "Critical" lets the call write into a Java array, and suits what returns at once.
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("clock_gettime"),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
        Linker.Option.critical(true));
  }
}
