package io.quorate.rpc.tls;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who was refused, once: a peer with a wrong certificate tries again and again, and its lines
 * would bury all others. Any thread.
 */
final class Refusals {

  private static final Logger LOG = LoggerFactory.getLogger("io.quorate.tls");

  /** The same refusal is repeated in the log only after this time. */
  private static final Duration QUIET = Duration.ofHours(1);

  private static final int REMEMBERED = 256;

  private final InstantSource clock;
  private final Map<String, Instant> said =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  Refusals(InstantSource clock) {
    this.clock = clock;
  }

  /** Logs the refusal unless that was done a while ago; returns whether it was. */
  boolean say(String who, String why) {
    Instant now = clock.instant();
    synchronized (said) {
      Instant last = said.get(who + why);
      if (last != null && last.plus(QUIET).isAfter(now)) {
        return false;
      }
      said.put(who + why, now);
    }
    LOG.warn("tls outcome=refused peer=\"{}\" \"{}\"", who, why);
    return true;
  }
}
