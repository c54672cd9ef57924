package io.quorate.time;

import java.time.Duration;

/**
 * A point on this machine's boot clock, in nanoseconds since an arbitrary origin that is the same
 * for all processes of the machine until it boots again. Never comparable between machines.
 */
public record BootTime(long nanos) implements Comparable<BootTime> {

  /** Later by {@code duration} (which may be negative). */
  public BootTime plus(Duration duration) {
    return new BootTime(Math.addExact(nanos, duration.toNanos()));
  }

  /** Earlier by {@code duration}. */
  public BootTime minus(Duration duration) {
    return new BootTime(Math.subtractExact(nanos, duration.toNanos()));
  }

  /** Time from this point until {@code later}; negative when {@code later} has passed. */
  public Duration until(BootTime later) {
    return Duration.ofNanos(Math.subtractExact(later.nanos, nanos));
  }

  /** Whether this point lies strictly before {@code other}. */
  public boolean isBefore(BootTime other) {
    return nanos < other.nanos;
  }

  @Override
  public int compareTo(BootTime other) {
    return Long.compare(nanos, other.nanos);
  }
}
