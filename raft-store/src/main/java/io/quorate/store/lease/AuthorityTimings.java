package io.quorate.store.lease;

import java.time.Duration;

/**
 * Intervals of the lease authority.
 *
 * @param tickEvery how often the owner calls {@link LeaseAuthority#tick} at least
 * @param pauseLimit ticks further apart than this mean that the leader was paused; well above
 *     {@code tickEvery}, well below the shortest time to live
 * @param repropose a proposed expiry is proposed again when it was not applied within this time
 */
public record AuthorityTimings(Duration tickEvery, Duration pauseLimit, Duration repropose) {

  /** For leases of two seconds and more. */
  public static final AuthorityTimings DEFAULT =
      new AuthorityTimings(Duration.ofMillis(100), Duration.ofMillis(700), Duration.ofMillis(700));

  /** Checks that they are in order. */
  public AuthorityTimings {
    if (!tickEvery.isPositive()
        || pauseLimit.compareTo(tickEvery.multipliedBy(2)) < 0
        || !repropose.isPositive()) {
      throw new IllegalArgumentException(
          "a pause must be longer than two ticks, and all intervals positive");
    }
  }
}
