package io.quorate.store.raft;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether the Raft server is being replaced by another run of it. One replacement is under way at a
 * time; a failure that is told meanwhile is that of the former server until the next one is
 * launched, and of that one from then on. Safe from any thread.
 */
final class Repair {
  private enum State {
    NONE,
    UNDER_WAY,
    FAILED_AGAIN
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.NONE);

  /** The server failed; tells whether its replacement is this caller's to do. */
  boolean begin() {
    return state.getAndUpdate(now -> now == State.NONE ? State.UNDER_WAY : State.FAILED_AGAIN)
        == State.NONE;
  }

  /** From now on what fails is the next server. */
  void launching() {
    state.set(State.UNDER_WAY);
  }

  /** The next server runs; false where it has failed since, and is to be replaced as well. */
  boolean end() {
    return state.compareAndSet(State.UNDER_WAY, State.NONE);
  }

  boolean underWay() {
    return state.get() != State.NONE;
  }
}
