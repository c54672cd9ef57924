package io.quorate.ha.loop;

import io.quorate.ha.decide.Hold;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.NodeState;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Saves what this member must not forget, one change after the other. Each is computed when its
 * turn comes, from what the one before it left: a promise made meanwhile, such as the floor of a
 * pledge, is never written over by an older state. Belongs to the loop.
 */
final class NodeNotes {

  private record Change(UnaryOperator<NodeState> change, Consumer<Boolean> then) {}

  private final HaPorts ports;
  private final LoopMemory memory;
  private final PrimaryHold hold;
  private final ArrayDeque<Change> waiting = new ArrayDeque<>();
  private boolean writing;

  NodeNotes(HaPorts ports, LoopMemory memory, PrimaryHold hold) {
    this.ports = ports;
    this.memory = memory;
    this.hold = hold;
  }

  /** Makes {@code change} durable; {@code then} gets whether it is. */
  void save(UnaryOperator<NodeState> change, Consumer<Boolean> then) {
    waiting.add(new Change(change, then));
    if (!writing) {
      next();
    }
  }

  private void next() {
    Change change = waiting.poll();
    if (change == null) {
      return;
    }
    writing = true;
    NodeState before = memory.durable;
    NodeState wanted = change.change().apply(before);
    var _ =
        ports
            .nodeState()
            .save(wanted)
            .whenComplete((saved, failure) ->
                ports
                    .executor()
                    .execute(() -> {
                      writing = false;
                      boolean durable = failure == null && saved;
                      if (durable) {
                        noted(before, wanted);
                      }
                      change.then().accept(durable);
                      if (!writing) {
                        next();
                      }
                    }));
  }

  private void noted(NodeState before, NodeState now) {
    memory.durable = now;
    if (before.paused() != now.paused()) {
      hold.guarded(!now.paused());
    }
    boolean lapsed = hold.current(ports.clock().now()) instanceof Hold.Lapsed;
    boolean later = before.hold().filter(note -> hold.heldByOther(note.epoch())).isPresent();
    if (now.hold().isEmpty() && (before.hold().isPresent() || lapsed) && !later) {
      hold.drop();
    }
  }

  /** That the lease of {@code note} is this member's, unless it has taken another since. */
  UnaryOperator<NodeState> holding(NodeState.HoldNote note) {
    return state -> hold.heldByOther(note.epoch()) ? state : state.withHold(Optional.of(note));
  }

  /** That the hold of {@code epoch} is over; one of another epoch stays. */
  static UnaryOperator<NodeState> forgetting(Epoch epoch) {
    return state ->
        state.hold().filter(note -> note.epoch().equals(epoch)).isPresent()
            ? state.withHold(Optional.empty())
            : state;
  }
}
