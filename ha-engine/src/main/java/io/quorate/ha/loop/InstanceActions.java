package io.quorate.ha.loop;

import io.quorate.ha.decide.Action;
import io.quorate.ha.decide.FrozenWal;
import io.quorate.ha.decide.Hold;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.time.BootTime;
import java.util.Optional;

/** What is done to the PostgreSQL instance and its guardian, and what it showed. */
final class InstanceActions {

  private final HaPorts ports;
  private final LoopMemory memory;
  private final PrimaryHold hold;
  private final UnderWay underWay;
  private final ActionRunner.Loop loop;

  InstanceActions(
      HaPorts ports,
      LoopMemory memory,
      PrimaryHold hold,
      UnderWay underWay,
      ActionRunner.Loop loop) {
    this.ports = ports;
    this.memory = memory;
    this.hold = hold;
    this.underWay = underWay;
    this.loop = loop;
  }

  void run(Action.Run run) {
    Optional<EndOfWal> proof = memory.stoppedEnd.or(() -> memory.frozen.map(FrozenWal::end));
    memory.forgetWal(run.operation());
    underWay.onResult(
        ports.postgres().run(run.operation()),
        result -> {
          if (result instanceof OperationResult.Failed(String reason, boolean needsRebuild)) {
            loop.sampleThen(() -> runFailed(run, proof, reason, needsRebuild));
          } else {
            noteResult(run, result, proof);
            loop.sampleThen(() -> underWay.end(run, true, result.toString()));
          }
        });
  }

  private void runFailed(
      Action.Run run, Optional<EndOfWal> proof, String reason, boolean needsRebuild) {
    if (run.operation() instanceof PostgresOperation.Rewind) {
      // Still where the WAL ended before, as far back as the next attempt has to go.
      memory.stoppedEnd = proof;
    }
    if (needsRebuild && memory.rewindCutOff) {
      // The rewind that was cut off had been complete: there is nothing left to rewind.
      rewound(run);
      underWay.end(run, true, "nothing left to rewind: it was complete before");
    } else {
      underWay.end(run, false, reason, needsRebuild);
    }
  }

  private void noteResult(Action.Run run, OperationResult result, Optional<EndOfWal> proof) {
    switch (result) {
      case OperationResult.Frozen(EndOfWal end) -> {
        if (run.operation() instanceof PostgresOperation.Freeze(Epoch name, var _)) {
          memory.frozen = Optional.of(new FrozenWal(name, end));
          underWay.step("stopped receiving");
        } else if (run.operation() instanceof PostgresOperation.HandOver) {
          memory.stoppedEnd = Optional.of(end);
        }
      }
      case OperationResult.CaughtUp(EndOfWal end) -> {
        if (run.operation() instanceof PostgresOperation.CatchUp catchUp) {
          memory.caughtUp = Optional.of(new FrozenWal(catchUp.epoch(), end));
          underWay.step("caught up");
        }
      }
      case OperationResult.Promoted promoted -> {
        memory.promoted = Optional.of(promoted);
        underWay.step("promoted");
      }
      case OperationResult.Rewound _ -> rewound(run);
      case OperationResult.Reloaded(String what) -> {
        if (run.operation() instanceof PostgresOperation.Reload(String wish, var _)) {
          memory.reloaded = Optional.of(new Observation.Reloaded(wish, what));
        }
      }
      case OperationResult.Succeeded() -> {
        switch (run.operation()) {
          case PostgresOperation.Follow follow -> {
            memory.attached =
                proof.map(end -> new MemberInfo.Attachment(follow.source().epoch(), end));
            memory.rewoundTo = Optional.empty();
          }
          case PostgresOperation.Checkpoint _ ->
              memory.checkpointAt = Optional.of(ports.clock().now());
          case PostgresOperation.Clone _,
              PostgresOperation.RemoveData _,
              PostgresOperation.InitDb _,
              PostgresOperation.Adopt _,
              PostgresOperation.StartPrimary _,
              PostgresOperation.Freeze _,
              PostgresOperation.Promote _,
              PostgresOperation.Rewind _,
              PostgresOperation.HandOver _,
              PostgresOperation.CatchUp _,
              PostgresOperation.Stop _,
              PostgresOperation.Reload _,
              PostgresOperation.EnsureSlots _ -> {}
        }
      }
      case OperationResult.Initialized _, OperationResult.Kept _, OperationResult.Failed _ -> {}
    }
  }

  private void rewound(Action.Run run) {
    if (run.operation() instanceof PostgresOperation.Rewind rewind) {
      memory.rewoundTo = Optional.of(rewind.source().epoch());
      memory.rewindCutOff = false;
    }
  }

  void readEndOfWal(Action action) {
    underWay.onResult(
        ports.postgres().endOfWal(),
        result -> {
          if (result instanceof OperationResult.Frozen(EndOfWal end)) {
            memory.stoppedEnd = Optional.of(end);
            underWay.end(action, true, end.toString());
          } else {
            underWay.end(action, false, reason(result));
          }
        });
  }

  private static String reason(OperationResult result) {
    return result instanceof OperationResult.Failed(String reason, boolean _)
        ? reason
        : result.toString();
  }

  void keepDiverged(Action.KeepDiverged keep) {
    underWay.onResult(
        ports.postgres().keepDiverged(keep.from(), keep.to()),
        result -> {
          if (result instanceof OperationResult.Kept kept) {
            memory.loss = Optional.of(Reports.loss(kept));
            underWay.end(keep, true, kept.toString());
          } else {
            underWay.end(keep, false, reason(result));
          }
        });
  }

  void fence(Action action, String why) {
    BootTime now = ports.clock().now();
    memory.fenceBegan = Optional.of(now);
    boolean silent =
        memory.postgres instanceof PostgresStatus.Unresponsive
            || memory.postgres instanceof PostgresStatus.Starting;
    if (silent && hold.current(now) instanceof Hold.Held held) {
      memory.hung = Optional.of(held.epoch());
    }
    underWay.onResult(
        ports.postgres().fence(why),
        result ->
            loop.sampleThen(() ->
                underWay.end(
                    action,
                    !(result instanceof OperationResult.Failed),
                    result instanceof OperationResult.Failed(String reason, boolean _)
                        ? reason
                        : why)));
  }

  void armGuardian(Action action) {
    BootTime now = ports.clock().now();
    if (hold.current(now) instanceof Hold.Held held) {
      underWay.onAnswer(
          ports.guardian().arm(held.deadline()),
          armed -> underWay.end(action, armed, armed ? "watching" : "it did not start"));
    } else {
      underWay.end(action, false, "no hold to guard");
    }
  }

  void disarmGuardian(Action action) {
    underWay.onAnswer(ports.guardian().disarm(), done -> underWay.end(action, done, "guardian"));
  }
}
