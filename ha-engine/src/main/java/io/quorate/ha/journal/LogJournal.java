package io.quorate.ha.journal;

import io.quorate.ha.decide.Decision;
import io.quorate.ha.loop.HaEvents;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.time.BootTime;
import java.util.ArrayDeque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes each event as one line, {@code <event> key=value … "sentence"}, and keeps the latest. The
 * only place of the engine that logs. A reason that repeats without a change is not repeated.
 */
public final class LogJournal implements HaEvents {

  /** Entries kept in memory. */
  public static final int KEPT = 200;

  private static final Logger LOG = LoggerFactory.getLogger("io.quorate.ha");

  private final ArrayDeque<String> latest = new ArrayDeque<>();
  private String lastDecision = "";
  private String lastTrouble = "";

  @Override
  public void decided(BootTime at, String situation, Decision.Code code, String reason) {
    String line = "decision situation=\"" + situation + "\" code=" + code + " \"" + reason + '"';
    if (line.equals(lastDecision)) {
      return;
    }
    lastDecision = line;
    keep(line);
    switch (code) {
      case FENCING, NEEDS_OPERATOR, WRONG_DIRECTORY, HOLDING_AGAINST_FLAPPING, RETRYING ->
          LOG.warn("{}", line);
      default -> LOG.info("{}", line);
    }
  }

  @Override
  public void acted(BootTime at, String action, boolean success, String detail) {
    String line =
        "action name=\""
            + action
            + "\" outcome="
            + (success ? "success" : "failure")
            + " \""
            + detail
            + '"';
    keep(line);
    if (success) {
      LOG.info("{}", line);
    } else {
      LOG.warn("{}", line);
    }
  }

  @Override
  public void hold(BootTime at, Epoch epoch, String what) {
    String line = "lease epoch=" + epoch + " \"" + what + '"';
    keep(line);
    LOG.info("{}", line);
  }

  @Override
  public void report(FailoverReport report) {
    String line = "failover " + text(report);
    keep(line);
    LOG.warn("{}", line);
  }

  @Override
  public void trouble(BootTime at, String what) {
    if (!what.equals(lastTrouble)) {
      lastTrouble = what;
      keep("trouble \"" + what + '"');
      LOG.warn("trouble \"{}\"", what);
    }
  }

  /** The latest entries, oldest first. Safe from any thread. */
  public List<String> latest() {
    synchronized (latest) {
      return List.copyOf(latest);
    }
  }

  private void keep(String line) {
    synchronized (latest) {
      latest.addLast(line);
      if (latest.size() > KEPT) {
        latest.removeFirst();
      }
    }
  }

  /** One line that says all of a report. */
  static String text(FailoverReport r) {
    String loss =
        switch (r.loss()) {
          case FailoverReport.Loss.NotYetKnown() ->
              "not yet known (the old primary has not come back)";
          case FailoverReport.Loss.None() -> "none";
          case FailoverReport.Loss.CannotBeKnown(String why) -> "cannot be known: " + why;
          case FailoverReport.Loss.Range range ->
              range.commits()
                  + " commits from "
                  + range.from()
                  + " to "
                  + range.to()
                  + range.keptAt().map(at -> ", kept in " + at).orElse("");
        };
    return "epoch="
        + r.epoch()
        + " from="
        + r.oldPrimary().map(Object::toString).orElse("unknown")
        + " to="
        + r.newPrimary()
        + " timeline="
        + r.oldTimeline()
        + "->"
        + r.newTimeline()
        + " promoted_at="
        + r.promotedAt()
        + " steps_ms="
        + r.steps()
        + " lost=\""
        + loss
        + "\" cause=\""
        + r.cause()
        + '"';
  }
}
