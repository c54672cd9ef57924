package io.quorate.ha.decide;

import io.quorate.ha.port.PostgresOperation;
import java.time.Duration;

/**
 * A standby that has less of something than its primary was started with: it receives, and replays
 * no more. It could not take over before it is started again, so that is done at once, while there
 * is a primary; readers there are cut off, from data that no longer changes.
 */
final class ReplayStop {

  private static final Duration STOP_BOUND = Duration.ofSeconds(60);

  private ReplayStop() {}

  /**
   * What to do about it.
   *
   * @param why which setting is less, and than what
   */
  static Decision decide(Observation o, String why) {
    return o.paused()
        ? Decision.hold(
            Decision.Code.NEEDS_OPERATOR,
            "replays no more and cannot take over until PostgreSQL is restarted here: " + why,
            Tick.SAFETY_NET)
        : Decision.act(
            Decision.Code.RESTARTING,
            "restarting PostgreSQL, which replays no more: " + why,
            new Action.Run(new PostgresOperation.Stop(false, STOP_BOUND)));
  }
}
