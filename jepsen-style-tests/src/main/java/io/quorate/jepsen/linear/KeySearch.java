package io.quorate.jepsen.linear;

import io.quorate.jepsen.linear.Operation.Action;
import io.quorate.jepsen.linear.Operation.Answer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The search over one key's operations. Calls and returns stand in a list in the order of time; an
 * operation may come next as long as no return stands before its call. A chosen operation is lifted
 * out of the list, and put back when the search goes back. What was searched in vain once, the same
 * operations done with the same state reached, is not searched again.
 */
final class KeySearch {

  /** A call or a return. */
  private static final class Event {
    final Operation operation;
    final int number;
    final boolean isCall;
    @Nullable Event match;
    @Nullable Event before;
    @Nullable Event after;

    Event(Operation operation, int number, boolean isCall) {
      this.operation = operation;
      this.number = number;
      this.isCall = isCall;
    }

    long at() {
      return isCall ? operation.call() : operation.returned();
    }
  }

  private record Configuration(BitSet done, KeyState state) {}

  private record Choice(Event call, KeyState stateBefore) {}

  private final String key;
  private final int limit;
  private final Event head;
  private final Deque<Choice> choices = new ArrayDeque<>();
  private final Set<Configuration> seen = new HashSet<>();
  private final BitSet done = new BitSet();
  private KeyState state = KeyState.ABSENT;
  private int open;
  private List<Operation> longest = List.of();
  private List<Operation> stuck = List.of();

  KeySearch(String key, List<Operation> operations, int limit) {
    this.key = key;
    this.limit = limit;
    List<Event> events = new ArrayList<>();
    int number = 0;
    for (Operation operation : operations) {
      if (tellsNothing(operation)) {
        continue;
      }
      Event call = new Event(operation, number++, true);
      events.add(call);
      if (operation.completed()) {
        Event end = new Event(operation, call.number, false);
        call.match = end;
        events.add(end);
        open++;
      }
    }
    // Returned at the very moment of another's call: they are taken as concurrent.
    events.sort(Comparator.comparingLong(Event::at).thenComparing(event -> !event.isCall));
    head = new Event(operationsEnd(), -1, false);
    Event last = head;
    for (Event event : events) {
      last.after = event;
      event.before = last;
      last = event;
    }
  }

  /** A read without an answer. */
  private static boolean tellsNothing(Operation operation) {
    return !operation.completed() && operation.action() instanceof Action.Get;
  }

  private static Operation operationsEnd() {
    return new Operation(-1, "", "", new Action.Get(), new Answer.Value(Optional.empty()), 0, 0);
  }

  Verdict run() {
    @Nullable Event event = head.after;
    while (open > 0) {
      if (event != null && event.isCall) {
        if (take(event)) {
          event = head.after;
        } else {
          event = event.after;
        }
        if (seen.size() >= limit) {
          return new Verdict.GaveUp(key, seen.size());
        }
      } else {
        // A return of what has not been chosen: some choice before was wrong.
        note();
        if (choices.isEmpty()) {
          return new Verdict.NotLinearizable(key, longest, stuck);
        }
        event = goBack();
      }
    }
    return new Verdict.Linearizable(seen.size());
  }

  private boolean take(Event call) {
    Optional<KeyState> next = state.after(call.operation);
    if (next.isEmpty()) {
      return false;
    }
    if (!call.operation.completed() && next.get().equals(state)) {
      // Without effect here it may as well never happen.
      return false;
    }
    BitSet with = (BitSet) done.clone();
    with.set(call.number);
    if (!seen.add(new Configuration(with, next.get()))) {
      return false;
    }
    choices.push(new Choice(call, state));
    state = next.get();
    done.set(call.number);
    lift(call);
    return true;
  }

  private @Nullable Event goBack() {
    Choice choice = choices.pop();
    state = choice.stateBefore();
    done.clear(choice.call().number);
    putBack(choice.call());
    return choice.call().after;
  }

  private void lift(Event call) {
    unlink(call);
    if (call.match != null) {
      unlink(call.match);
      open--;
    }
  }

  private void putBack(Event call) {
    if (call.match != null) {
      link(call.match);
      open++;
    }
    link(call);
  }

  private static void unlink(Event event) {
    if (event.before != null) {
      event.before.after = event.after;
    }
    if (event.after != null) {
      event.after.before = event.before;
    }
  }

  private static void link(Event event) {
    if (event.before != null) {
      event.before.after = event;
    }
    if (event.after != null) {
      event.after.before = event;
    }
  }

  /** Keeps how far it came, for people. */
  private void note() {
    if (choices.size() < longest.size() || (longest.isEmpty() && !stuck.isEmpty())) {
      return;
    }
    List<Operation> explained = new ArrayList<>();
    choices.descendingIterator().forEachRemaining(choice -> explained.add(choice.call().operation));
    List<Operation> next = new ArrayList<>();
    for (Event event = head.after; event != null && event.isCall; event = event.after) {
      if (event.operation.completed()) {
        next.add(event.operation);
      }
    }
    longest = explained;
    stuck = next;
  }
}
