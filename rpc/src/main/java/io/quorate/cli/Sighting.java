package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.time.BootTime;
import java.util.Optional;

/**
 * What was last heard from one address.
 *
 * @param status the last status, also when the member is gone since
 * @param at when it came
 * @param failure why the member does not answer now; empty while it does
 */
record Sighting(
    String address, Optional<ClusterStatus> status, BootTime at, Optional<String> failure) {

  /** Whether the member answers now. */
  boolean answers() {
    return failure.isEmpty() && status.isPresent();
  }

  /** Milliseconds since the status came. */
  long ageMs(BootTime now) {
    return at.until(now).toMillis();
  }

  /** How old its view of the cluster is, in milliseconds; very old when it has none. */
  long viewAgeMs(BootTime now) {
    return status
        .filter(ClusterStatus::hasViewAgeMs)
        .map(s -> s.getViewAgeMs() + ageMs(now))
        .orElse(Long.MAX_VALUE);
  }
}
