package io.quorate.store.raft;

import io.quorate.invariant.Invariant;
import io.quorate.store.Revision;
import io.quorate.store.machine.Applied;
import io.quorate.store.machine.StoreCommand;
import io.quorate.store.machine.StoreLimits;
import io.quorate.store.machine.StoreMachine;
import io.quorate.store.machine.StoreState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The state of this member's copy of the store, and how far it has come, in Raft's indexes. */
final class Replica {
  private final StoreMachine machine;
  private final LeaderDesk desk;
  private final AppliedWaiters waiters = new AppliedWaiters();
  private final AppliedWaiters revisions = new AppliedWaiters();
  private final KnownEntries entries;
  private final Runnable onEvents;
  private final ReentrantLock feeding = new ReentrantLock();
  private volatile @Nullable Feed current;
  private volatile long lastCommand = RaftIndex.NONE;

  /**
   * @param entries told what kinds of entries the log holds
   * @param onEvents called after keys changed; must not block
   */
  Replica(StoreMachine machine, LeaderDesk desk, KnownEntries entries, Runnable onEvents) {
    this.machine = machine;
    this.desk = desk;
    this.entries = entries;
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

  /**
   * Runs {@code then} once {@code index} is applied, perhaps at once, else on Raft's thread.
   *
   * @return makes it forget about it
   */
  Runnable whenApplied(long index, Runnable then) {
    return waiters.when(index, then);
  }

  /**
   * Runs {@code then} once the store's {@code revision} is here, perhaps at once, else on Raft's
   * thread.
   *
   * @return makes it forget about it
   */
  Runnable whenRevision(Revision revision, Runnable then) {
    return revisions.when(revision.value(), then);
  }

  /** The way in for one Raft server; what an earlier one still has to say is not heard any more. */
  Feed attach() {
    feeding.lock();
    try {
      Feed feed = new Feed();
      current = feed;
      return feed;
    } finally {
      feeding.unlock();
    }
  }

  /** What one Raft server tells its replica, on one thread at a time. */
  final class Feed {
    private Feed() {}

    /** Whether no other server has taken over. */
    boolean current() {
      return equals(current);
    }

    StoreState state() {
      return machine.state();
    }

    /** Applies the commands of one entry. */
    List<Applied> apply(List<StoreCommand> commands, long term, long index) {
      enter();
      try {
        List<Applied> applied = desk.apply(commands, term, RaftIndex.toMachine(index));
        lastCommand = index;
        if (commands.size() > 1) {
          entries.joinedApplied();
        }
        return applied;
      } finally {
        feeding.unlock();
      }
    }

    /** An entry that holds no command. */
    void skip(long term, long index) {
      enter();
      try {
        desk.skip(term, RaftIndex.toMachine(index));
      } finally {
        feeding.unlock();
      }
    }

    /** An entry is applied, and Raft knows it. */
    void applied(long index, boolean keysChanged) {
      waiters.advance(index);
      if (keysChanged) {
        revisions.advance(machine.state().revision().value());
        onEvents.run();
      }
    }

    /** Begins with a snapshot's state, or an empty one. */
    StoreState restore(Optional<StoreState> snapshot) {
      StoreState state = snapshot.orElseGet(() -> StoreState.empty(StoreLimits.DEFAULT));
      enter();
      try {
        desk.restore(state);
        lastCommand = RaftIndex.of(state.position());
      } finally {
        feeding.unlock();
      }
      applied(RaftIndex.of(state.position()), true);
      return state;
    }

    private void enter() {
      feeding.lock();
      if (!current()) {
        feeding.unlock();
        Invariant.check(false, "a Raft server that was replaced still applies its log");
      }
    }
  }
}
