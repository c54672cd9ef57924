package io.quorate.jepsen.linear;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The definition, word by word: tries every order of every choice of the unknown operations. */
final class BruteForce {

  private BruteForce() {}

  static boolean linearizable(List<Operation> history) {
    return search(KeyState.ABSENT, history);
  }

  private static boolean search(KeyState state, List<Operation> left) {
    if (left.stream().noneMatch(Operation::completed)) {
      return true;
    }
    for (Operation next : left) {
      boolean first = left.stream().noneMatch(other -> other.returned() < next.call());
      Optional<KeyState> after = first ? state.after(next) : Optional.empty();
      if (after.isPresent()) {
        List<Operation> rest = new ArrayList<>(left);
        rest.remove(next);
        if (search(after.get(), rest)) {
          return true;
        }
      }
    }
    return false;
  }
}
