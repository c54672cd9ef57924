package io.quorate.store;

/**
 * How a request ended. Every request has one of these three ends, and nobody may turn the third
 * into the second: an unknown outcome may still take effect at any later time, and only a
 * successful write to a compared key settles it.
 */
public sealed interface Outcome<T> {

  /** It took effect (or answered), exactly once. */
  record Done<T>(T value) implements Outcome<T> {}

  /** It certainly did not take effect and never will. */
  record NotDone<T>(StoreError error) implements Outcome<T> {}

  /** It may have taken effect, or may do so later. */
  record Unknown<T>(String reason) implements Outcome<T> {}
}
