package io.quorate.ha.loop;

import io.quorate.ha.decide.Action;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.port.OperationResult;
import io.quorate.store.Outcome;
import io.quorate.time.BootTime;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What is under way, and how each action ended. At most one of a name, and at most one exclusive
 * one, are under way at once. Belongs to the loop; waits for nothing.
 */
final class UnderWay {

  private final HaPorts ports;
  private final LoopMemory memory;
  private final ActionRunner.Loop loop;

  UnderWay(HaPorts ports, LoopMemory memory, ActionRunner.Loop loop) {
    this.ports = ports;
    this.memory = memory;
    this.loop = loop;
  }

  /** Whether {@code action} would begin now: neither it nor, exclusive, any other is under way. */
  boolean mayBegin(Action action) {
    return !memory.inFlight.contains(action.name())
        && (!action.exclusive() || memory.busy.isEmpty());
  }

  /** {@code action} begins; {@link #end} or {@link #over} ends it. */
  void begin(Action action) {
    memory.inFlight.add(action.name());
    if (action.exclusive()) {
      memory.busy = Optional.of(new Observation.Busy(action.name(), ports.clock().now()));
    }
  }

  /**
   * Goes on in the loop once {@code stage} is complete. One that breaks completes as {@code broken}
   * says, with the reason: what waits for it must not wait for ever.
   */
  <T> void on(CompletionStage<T> stage, Function<String, T> broken, Consumer<T> then) {
    var _ =
        stage.whenComplete((value, failure) ->
            ports
                .executor()
                .execute(
                    () -> then.accept(failure == null ? value : broken.apply(failure.toString()))));
  }

  /** A request of the store: what breaks may have been done, or may yet be. */
  <T> void onOutcome(CompletionStage<Outcome<T>> stage, Consumer<Outcome<T>> then) {
    on(stage, Outcome.Unknown::new, then);
  }

  /** A verb on PostgreSQL. */
  void onResult(CompletionStage<OperationResult> stage, Consumer<OperationResult> then) {
    on(stage, reason -> new OperationResult.Failed(reason, false), then);
  }

  /** A question, of which a failure is a no. */
  void onAnswer(CompletionStage<Boolean> stage, Consumer<Boolean> then) {
    on(stage, _ -> false, then);
  }

  /** {@code action} ended: told, and decided anew. */
  void end(Action action, boolean success, String detail) {
    end(action, success, detail, false);
  }

  /** As the other; {@code needsRebuild}: nothing but a new copy helps. */
  void end(Action action, boolean success, String detail, boolean needsRebuild) {
    BootTime now = ports.clock().now();
    over(action);
    if (success) {
      memory.succeeded(action.name());
    } else {
      memory.failed(action.name(), detail, needsRebuild, now);
    }
    ports.events().acted(now, action.name(), success, detail);
    loop.wake();
  }

  /** {@code action} ended well, which is not told; decided anew. */
  void done(Action action) {
    over(action);
    memory.succeeded(action.name());
    loop.wake();
  }

  /** {@code action} is not under way any more; nothing is told. */
  void over(Action action) {
    memory.inFlight.remove(action.name());
    if (action.exclusive()) {
      memory.busy = Optional.empty();
    }
  }

  /** Decided anew. */
  void again() {
    loop.wake();
  }

  /** A step of a change of primary is done. */
  void step(String name) {
    memory.step(name, ports.clock().now());
  }
}
