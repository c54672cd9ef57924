package io.quorate.jepsen.linear;

import io.quorate.jepsen.linear.Operation.Action;
import io.quorate.jepsen.linear.Operation.Answer;
import java.util.Optional;

/**
 * A key as it should be: what the store is compared with.
 *
 * @param lease the lease that it hangs on, 0 for none
 */
record KeyState(Optional<String> value, long lease) {

  static final KeyState ABSENT = new KeyState(Optional.empty(), 0);

  /** The state after {@code operation}, or empty if it could not have answered so here. */
  Optional<KeyState> after(Operation operation) {
    Answer answer = operation.answer();
    return switch (operation.action()) {
      case Action.Get() ->
          answer.equals(new Answer.Value(value)) || answer instanceof Answer.Unknown
              ? Optional.of(this)
              : Optional.empty();
      case Action.Put(String put, long on) ->
          allowed(answer, true)
              ? Optional.of(new KeyState(Optional.of(put), on))
              : Optional.empty();
      case Action.Delete() ->
          allowed(answer, value.isPresent()) ? Optional.of(ABSENT) : Optional.empty();
      case Action.CompareAndSet(Optional<String> expected, String put) -> {
        boolean equal = value.equals(expected);
        KeyState next = equal ? new KeyState(Optional.of(put), 0) : this;
        yield allowed(answer, equal) ? Optional.of(next) : Optional.empty();
      }
      case Action.Expire(long ended) -> Optional.of(lease == ended && lease != 0 ? ABSENT : this);
    };
  }

  private static boolean allowed(Answer answer, boolean changed) {
    return answer instanceof Answer.Unknown || answer.equals(new Answer.Done(changed));
  }
}
