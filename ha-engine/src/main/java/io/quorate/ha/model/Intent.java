package io.quorate.ha.model;

import java.time.Instant;
import java.util.Optional;

/**
 * A wish in the store (key {@code quorate/intent/<slot>}): it outlives whoever asked and whoever
 * acts. A finished one stays, with its outcome, until the next one of its slot.
 *
 * @param id random, tells two wishes of one slot apart
 * @param requester who asked, for people, e.g. {@code cli admin@db1}
 * @param askedAt wall time, for people
 * @param revision the key's mod revision, compared by every change of it
 */
public record Intent(
    String id, Wish wish, String requester, Instant askedAt, Progress progress, long revision) {

  /** How far it is. */
  public enum State {
    /** Waits to be taken up, or for its time. */
    PENDING,
    /** Switchover: checked, a first checkpoint is made; nothing is stopped yet. */
    PREPARING,
    /** Switchover: the primary's PostgreSQL is being stopped. */
    STOPPING,
    /**
     * Switchover: the primary's PostgreSQL is confirmed stopped, starts as a standby, and will not
     * be started as a primary before this intent is finished; its WAL ends at {@link
     * Progress#end()}.
     */
    STOPPED,
    /** Switchover: the key has passed, or is passing, to the candidate. */
    HANDING_OVER,
    /** Restart, reload, reinit: under way on the member. */
    RUNNING,
    /** It was done. */
    DONE,
    /** It was not done; all is as before it. */
    FAILED,
    /** An operator took it back. */
    CANCELLED;

    /** Whether nothing more happens. */
    public boolean finished() {
      return switch (this) {
        case PENDING, PREPARING, STOPPING, STOPPED, HANDING_OVER, RUNNING -> false;
        case DONE, FAILED, CANCELLED -> true;
      };
    }

    /** Whether an operator may still take it back. */
    public boolean cancellable() {
      return this == PENDING || this == PREPARING;
    }
  }

  /**
   * Where it stands.
   *
   * @param reason a sentence: what is being done, or the outcome and why
   * @param epoch the epoch it is carried out under; {@link Epoch#NONE} before
   * @param candidate switchover: who was chosen
   * @param end switchover: where the stopped primary's WAL ends
   * @param mark restart: start time of the server that is to end; reinit: the former data id
   * @param code why it was not done, where that has a name
   */
  public record Progress(
      State state,
      String reason,
      Epoch epoch,
      Optional<MemberName> candidate,
      Optional<EndOfWal> end,
      Optional<String> mark,
      Optional<Refusal.Code> code) {

    /** Not begun. */
    public static Progress pending(String reason) {
      return new Progress(
          State.PENDING,
          reason,
          Epoch.NONE,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }

    /** The same in another state. */
    public Progress with(State next, String why) {
      return new Progress(next, why, epoch, candidate, end, mark, Optional.empty());
    }

    /** Not done, for this reason. */
    public Progress refused(Refusal refusal) {
      return new Progress(
          State.FAILED, refusal.reason(), epoch, candidate, end, mark, Optional.of(refusal.code()));
    }
  }

  /** The same with another progress. */
  public Intent with(Progress next) {
    return new Intent(id, wish, requester, askedAt, next, revision);
  }

  /** The same as it stands in the store at {@code revision}. */
  public Intent at(long otherRevision) {
    return new Intent(id, wish, requester, askedAt, progress, otherRevision);
  }

  /** Whether something is still to happen. */
  public boolean open() {
    return !progress.state().finished();
  }
}
