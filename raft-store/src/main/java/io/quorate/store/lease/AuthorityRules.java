package io.quorate.store.lease;

/**
 * The safety rules of the lease authority, each of which a test may turn off to prove that its
 * absence is noticed. Production code uses {@link #STRICT} and nothing else.
 *
 * @param confirmFirst nothing is extended before a majority has confirmed the term
 * @param freshAnswersOnly an answer counts only for requests that had arrived before it was asked
 *     for
 * @param refuseDeadOnArrival a renewal that finds its lease dead on arrival is refused
 * @param refuseDeadOnExtension a renewal that finds its lease dead when it would extend it is
 *     refused
 * @param deadUntilTermEnds a proposed expiry that nothing is heard of counts as under way, not as
 *     failed
 * @param freshTtlWhenReady a new leader gives every lease its full time to live
 * @param freshTtlAfterPause so does one that was paused
 * @param holdNeedsKey a hold is renewed only while its key stands with its create revision
 */
public record AuthorityRules(
    boolean confirmFirst,
    boolean freshAnswersOnly,
    boolean refuseDeadOnArrival,
    boolean refuseDeadOnExtension,
    boolean deadUntilTermEnds,
    boolean freshTtlWhenReady,
    boolean freshTtlAfterPause,
    boolean holdNeedsKey) {

  /** All rules on. */
  public static final AuthorityRules STRICT =
      new AuthorityRules(true, true, true, true, true, true, true, true);
}
