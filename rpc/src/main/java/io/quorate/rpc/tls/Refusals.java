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
 * would bury all others. Whoever invents names for himself is counted instead. Any thread.
 */
final class Refusals {

  private static final Logger LOG = LoggerFactory.getLogger("io.quorate.tls");

  /** The same refusal is repeated in the log only after this time. */
  private static final Duration QUIET = Duration.ofHours(1);

  private static final Duration WINDOW = Duration.ofMinutes(1);

  /** Lines in one window. */
  static final int LINES = 20;

  private static final int REMEMBERED = 256;
  private static final int TEXT_MAX = 200;

  private final InstantSource clock;
  private final Map<String, Instant> said =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  private Instant windowBegan = Instant.EPOCH;
  private int lines;
  private int unsaid;

  Refusals(InstantSource clock) {
    this.clock = clock;
  }

  /** Logs the refusal unless that was done a while ago; returns whether it was logged now. */
  boolean say(String who, String why) {
    String peer = shown(who);
    String reason = shown(why);
    int missing;
    synchronized (said) {
      Instant now = clock.instant();
      Instant last = said.get(peer + reason);
      if (last != null && last.plus(QUIET).isAfter(now)) {
        return false;
      }
      missing = unsaid;
      if (!windowBegan.plus(WINDOW).isAfter(now)) {
        windowBegan = now;
        lines = 0;
        unsaid = 0;
      }
      if (lines == LINES) {
        unsaid++;
        return false;
      }
      lines++;
      said.put(peer + reason, now);
      missing = lines == 1 ? missing : 0;
    }
    if (missing > 0) {
      LOG.warn("tls outcome=refused \"{} more in the minute before, not listed\"", missing);
    }
    LOG.warn("tls outcome=refused peer=\"{}\" \"{}\"", peer, reason);
    return true;
  }

  /** What a stranger chose must not look like lines of this log. */
  private static String shown(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\"]", "?");
    return line.length() > TEXT_MAX ? line.substring(0, TEXT_MAX) + "…" : line;
  }
}
