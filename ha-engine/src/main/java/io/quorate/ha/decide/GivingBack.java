package io.quorate.ha.decide;

import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.PostgresStatus;
import java.util.Optional;

/**
 * What must be true before the key is given back: PostgreSQL is stopped, and whatever starts it
 * again starts a standby.
 */
final class GivingBack {

  /** A directory that cannot even take an empty file is none that PostgreSQL can be started in. */
  private static final int ATTEMPTS = 3;

  private GivingBack() {}

  /** Whether the stopped PostgreSQL comes back as a standby, or cannot come back. */
  static boolean leavesStandby(Observation o) {
    return o.postgres() instanceof PostgresStatus.Stopped stopped
        && (stopped.standbySignal()
            || fenceFailed(o).filter(failure -> failure.attempts() >= ATTEMPTS).isPresent());
  }

  /** Ends what runs and leaves a standby; after a failure not as fast as the machine can. */
  static Decision endFirst(Observation o, Decision.Code code, String why) {
    Optional<OperationFailure> justNow =
        fenceFailed(o)
            .filter(_ -> o.postgres() instanceof PostgresStatus.Stopped)
            .filter(failure -> o.now().isBefore(failure.retryAt()));
    return justNow.isPresent()
        ? Decision.hold(
            code,
            "standby.signal cannot be written: " + justNow.get().reason(),
            o.now().until(justNow.get().retryAt()))
        : Decision.act(
            code, "ending PostgreSQL to give the key back: " + why, new Action.Fence(why));
  }

  /** PostgreSQL cannot be ended: the key passes on when its lease has run out. */
  static Decision byLapse(Epoch epoch, String why) {
    return Decision.act(
        Decision.Code.GIVING_UP_PRIMARY,
        "letting the lease of epoch " + epoch + " run out: " + why,
        new Action.LetLapse(epoch, why));
  }

  private static Optional<OperationFailure> fenceFailed(Observation o) {
    return o.failure().filter(failure -> failure.operation().equals(Action.FENCE));
  }
}
