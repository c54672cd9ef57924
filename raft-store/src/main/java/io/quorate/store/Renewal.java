package io.quorate.store;

import java.time.Duration;

/** Answer to a renewal of a lease or of a hold. */
public sealed interface Renewal {

  /**
   * Extended: the lease lives at least {@code ttl} from the moment at which the request was
   * <em>sent</em>.
   */
  record Renewed(Duration ttl) implements Renewal {}

  /** The lease is gone, or (for a hold) the key no longer stands with that create revision. */
  record Gone(String reason) implements Renewal {}

  /** Not extended: the lease holds a guarded key, and the caller is not a member. */
  record Denied(String reason) implements Renewal {}

  /** Not extended, nothing said about the lease: no leader, no majority, refused while expiring. */
  record Unavailable(String reason) implements Renewal {}
}
