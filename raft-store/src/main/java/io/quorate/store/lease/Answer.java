package io.quorate.store.lease;

import java.time.Duration;

/** What to tell the one who made a request; {@code ticket} is the number it came with. */
public sealed interface Answer {

  /** The request's number. */
  long ticket();

  /** Extended: the lease lives at least {@code ttl} from when the request was sent. */
  record Renewed(long ticket, Duration ttl) implements Answer {}

  /** The lease is gone, or the key no longer stands; the leader was confirmed when saying so. */
  record Gone(long ticket, String reason) implements Answer {}

  /** Nothing can be said. */
  record Unavailable(long ticket, String reason) implements Answer {}

  /** The read may be answered from a state that has applied {@code readIndex}, and not before. */
  record ReadAt(long ticket, long readIndex) implements Answer {}
}
