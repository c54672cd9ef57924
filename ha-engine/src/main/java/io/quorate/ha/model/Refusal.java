package io.quorate.ha.model;

/**
 * Why a wish is not accepted.
 *
 * @param reason a sentence with what would have to change
 */
public record Refusal(Code code, String reason) {

  /** Whatever is wished of the PostgreSQL of {@code member}, which is a witness. */
  public static Refusal witness(MemberName member) {
    return new Refusal(
        Code.MEMBER_IS_WITNESS,
        member + " is a witness: it votes in the store and has no PostgreSQL");
  }

  /** Stable names; their meaning never changes. */
  public enum Code {
    /** The store has no majority, or has not answered yet. */
    STORE_UNAVAILABLE,
    /** It may or may not have been written: look at the list before asking again. */
    OUTCOME_UNKNOWN,
    /** Something else changed first: ask again. */
    CONFLICT,
    /** Another one of this kind is not finished. */
    ALREADY_IN_PROGRESS,
    /** There is no primary. */
    NO_PRIMARY,
    /** The primary is not the member that was named. */
    PRIMARY_IS_ANOTHER,
    /** There is no such member, or its agent is not there. */
    MEMBER_UNKNOWN,
    /** The member named is the primary. */
    MEMBER_IS_PRIMARY,
    /** The member named is a witness: it has no PostgreSQL. */
    MEMBER_IS_WITNESS,
    /** A candidate has to be named. */
    CANDIDATE_REQUIRED,
    /** Nobody could take over. */
    NO_CANDIDATE,
    /** The candidate may not be primary: {@code nofailover} or priority 0. */
    CANDIDATE_NOT_ELIGIBLE,
    /** PostgreSQL does not run on the candidate. */
    CANDIDATE_NOT_RUNNING,
    /** The candidate does not stream from the primary of this epoch. */
    CANDIDATE_NOT_ATTACHED,
    /** The candidate is too far behind. */
    CANDIDATE_LAGS,
    /** The candidate replays no WAL: paused by somebody, or held up by a setting. */
    CANDIDATE_REPLAY_HELD,
    /** Commits would be lost, and that was not accepted. */
    DATA_LOSS_NOT_ACCEPTED,
    /** Not while the cluster is paused. */
    PAUSED,
    /** The time given has passed. */
    SCHEDULED_IN_THE_PAST,
    /** The member does not meet the conditions given. */
    CONDITIONS_NOT_MET,
    /** There is nothing to take back. */
    NOTHING_TO_CANCEL,
    /** It has gone too far to be taken back. */
    TOO_LATE_TO_CANCEL
  }
}
