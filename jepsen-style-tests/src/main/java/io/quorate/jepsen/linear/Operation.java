package io.quorate.jepsen.linear;

import java.util.Optional;

/**
 * One operation of a history, on one key.
 *
 * @param id unique in the history
 * @param call when it was asked for, on a clock that all clients share
 * @param returned when the answer was there; {@link #NEVER} where it is not known whether it took
 *     effect: it may then at any time after the call, or never
 */
public record Operation(
    long id, String client, String key, Action action, Answer answer, long call, long returned) {

  /** The end of an operation of which nothing more was heard. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Checks that it ended after it began, and is unknown only without an end. */
  public Operation {
    if (returned < call || (answer instanceof Answer.Unknown) != (returned == NEVER)) {
      throw new IllegalArgumentException("operation " + id + " ends before it begins, or unknown");
    }
  }

  /** Whether its outcome is known. */
  public boolean completed() {
    return returned != NEVER;
  }

  /** What was asked for. */
  public sealed interface Action {

    /** Reads the key. */
    record Get() implements Action {}

    /** Sets it; {@code lease} 0: without one. */
    record Put(String value, long lease) implements Action {}

    /** Deletes it. */
    record Delete() implements Action {}

    /** Sets it if it has the value {@code expected}, empty: if it is absent. */
    record CompareAndSet(Optional<String> expected, String value) implements Action {}

    /** The end of a lease deletes the key if it hangs on it. Nobody asks for it; it may happen. */
    record Expire(long lease) implements Action {}
  }

  /** What came back. */
  public sealed interface Answer {

    /** What was read; empty: nothing was there. */
    record Value(Optional<String> value) implements Answer {}

    /**
     * It took effect.
     *
     * @param changed whether there was something to change: the key deleted, the compare true
     */
    record Done(boolean changed) implements Answer {}

    /** Nothing is known of it. */
    record Unknown() implements Answer {}
  }
}
