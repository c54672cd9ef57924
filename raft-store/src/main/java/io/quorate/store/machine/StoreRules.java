package io.quorate.store.machine;

/**
 * The safety rules of apply, each of which a test may turn off to prove that its absence is
 * noticed. Production code uses {@link #STRICT} and nothing else.
 *
 * @param expiryNeedsGeneration an expiry of a former lease of the same id is ignored
 * @param expiryNeedsTermStamp an expiry that was decided in another term than its entry's is
 *     ignored
 * @param guardsHold clients may not write guarded keys nor revoke a lease that holds one
 * @param repeatsAnswered a repeated request gets its first answer and has no second effect
 */
public record StoreRules(
    boolean expiryNeedsGeneration,
    boolean expiryNeedsTermStamp,
    boolean guardsHold,
    boolean repeatsAnswered) {

  /** All rules on. */
  public static final StoreRules STRICT = new StoreRules(true, true, true, true);
}
