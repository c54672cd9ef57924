package io.quorate.store.raft;

import io.quorate.store.machine.Applied;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreMachine;
import io.quorate.store.machine.StoreState;
import java.util.Optional;

/** The state of this member's copy of the store, and how far it has come, in Raft's indexes. */
final class Replica {
  private final StoreMachine machine;
  private final LeaderDesk desk;
  private final AppliedWaiters waiters = new AppliedWaiters();
  private final Runnable onEvents;
  private volatile long lastCommand = RaftIndex.NONE;

  /**
   * @param onEvents called after keys changed; must not block
   */
  Replica(StoreMachine machine, LeaderDesk desk, Runnable onEvents) {
    this.machine = machine;
    this.desk = desk;
    this.onEvents = onEvents;
  }

  StoreState state() {
    return machine.state();
  }

  /** Index of the last entry applied. */
  long appliedIndex() {
    return waiters.applied();
  }

  /**
   * Index of the last command applied. Whoever has applied it has seen every change of the store
   * that this replica has; what Raft put behind it in the log for itself changes nothing, and may
   * reach a follower only with the next heartbeat.
   */
  long lastCommand() {
    return lastCommand;
  }

  /** Runs {@code then} once {@code index} is applied, perhaps at once, else on Raft's thread. */
  void whenApplied(long index, Runnable then) {
    waiters.when(index, then);
  }

  Applied apply(StoreCommand command, long term, long index) {
    Applied applied = desk.apply(command, term, RaftIndex.toMachine(index));
    lastCommand = index;
    return applied;
  }

  void skip(long term, long index) {
    desk.skip(term, RaftIndex.toMachine(index));
  }

  /** An entry is applied, and Raft knows it. */
  void applied(long index, boolean keysChanged) {
    waiters.advance(index);
    if (keysChanged) {
      onEvents.run();
    }
  }

  /** Begins with a snapshot's state, or an empty one. */
  StoreState restore(Optional<StoreState> snapshot) {
    StoreState state = snapshot.orElseGet(() -> StoreState.empty(StoreLimits.DEFAULT));
    desk.restore(state);
    lastCommand = RaftIndex.of(state.position());
    applied(lastCommand, true);
    return state;
  }
}
