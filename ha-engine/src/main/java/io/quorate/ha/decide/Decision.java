package io.quorate.ha.decide;

import java.time.Duration;
import java.util.List;

/**
 * What to do now, and why.
 *
 * @param code stable name of the reason; keys the journal
 * @param reason a sentence for people
 * @param wakeAfter decide again after this time even if nothing happens
 */
public record Decision(List<Action> actions, Code code, String reason, Duration wakeAfter) {

  /** Stable names of reasons. Their meaning never changes. */
  public enum Code {
    STARTING,
    WAITING_FOR_STORE,
    BUSY,
    FENCING,
    RESUMING_HOLD,
    WRONG_DIRECTORY,
    INITIALIZING,
    WAITING_FOR_INITIALIZE,
    STARTING_PRIMARY,
    PROMOTING,
    RUNNING_AS_PRIMARY,
    WITNESSING,
    GIVING_UP_PRIMARY,
    PAUSED,
    STOPPING_TO_RECEIVE,
    PLEDGING,
    WAITING_FOR_PLEDGES,
    CONFIRMING,
    ACQUIRING,
    NOT_THE_BEST,
    NOT_ELIGIBLE,
    HOLDING_AGAINST_FLAPPING,
    NOTHING_TO_CLONE_FROM,
    CLONING,
    WAITING_FOR_BRANCH,
    ATTACHING,
    REWINDING,
    REBUILDING,
    NEEDS_OPERATOR,
    FOLLOWING,
    RETRYING,
    SWITCHING_OVER,
    RESTARTING,
    STOPPING,
    STOPPED
  }

  /** Copies the list. */
  public Decision {
    actions = List.copyOf(actions);
  }

  /** One action, and the safety-net tick. */
  static Decision act(Code code, String reason, Action... actions) {
    return new Decision(List.of(actions), code, reason, Tick.SAFETY_NET);
  }

  /** Nothing to do before {@code wakeAfter}. */
  static Decision hold(Code code, String reason, Duration wakeAfter) {
    return new Decision(List.of(), code, reason, wakeAfter);
  }
}
