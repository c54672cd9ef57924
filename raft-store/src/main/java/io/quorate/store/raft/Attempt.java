package io.quorate.store.raft;

import io.quorate.store.StoreError;

/**
 * How one attempt at a request ended, at one member.
 *
 * @param <T> what a request that was served answers
 */
sealed interface Attempt<T> {

  /** Served. */
  record Served<T>(T value) implements Attempt<T> {}

  /** Certainly not done, and no use to ask another member. */
  record Refused<T>(StoreError error) implements Attempt<T> {}

  /**
   * Certainly not done, but it may be later or elsewhere: it was asked of one who does not lead, or
   * not yet, or whose hands are full for the moment.
   */
  record NotNow<T>(String reason) implements Attempt<T> {}

  /** It may have been done, or may be done later. */
  record Lost<T>(String reason) implements Attempt<T> {}
}
