package io.quorate.ha.decide;

import io.quorate.ha.model.NodeState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** From an observation to a decision. Deterministic: the same observation, the same decision. */
public final class DecisionEngine {

  private DecisionEngine() {}

  /** A decision, and the situation that it answers. */
  public record Judgement(Situation situation, Decision decision) {}

  /** Judges {@code o}. Safe from any thread. */
  public static Judgement decide(Observation o) {
    return decide(o, DecisionRules.STRICT);
  }

  /** Judges {@code o}, some of the rules perhaps left out by a test. */
  public static Judgement decide(Observation o, DecisionRules rules) {
    Situation situation = Situations.classify(o, rules);
    Optional<Decision> pausing = Pausing.transition(o, situation);
    if (pausing.isPresent()) {
      return new Judgement(situation, patient(o, pausing.get()));
    }
    Decision decision =
        switch (situation) {
          case Situation.Starting() -> starting(o);
          case Situation.MustFence(String why) ->
              Decision.act(
                  Decision.Code.FENCING, "ending PostgreSQL: " + why, new Action.Fence(why));
          case Situation.StrayPrimary(String why) -> StrayDirectory.note(o, why);
          case Situation.HoldToResume() -> resume(o);
          case Situation.HoldToForget() ->
              o.guardianArmed()
                  ? Decision.act(
                      Decision.Code.GIVING_UP_PRIMARY,
                      "PostgreSQL is no primary any more: sending the guardian home",
                      new Action.DisarmGuardian())
                  : Decision.act(
                      Decision.Code.GIVING_UP_PRIMARY,
                      "forgetting a hold that is over",
                      new Action.SaveState(o.durable().withHold(Optional.empty())));
          case Situation.Working(Observation.Busy busy) -> working(o, busy);
          case Situation.Stopping() -> Stopping.decide(o);
          case Situation.BackingOff(OperationFailure failure) ->
              Decision.hold(
                  Decision.Code.RETRYING, failed(failure), o.now().until(failure.retryAt()));
          case Situation.WrongDirectory(String why) ->
              Decision.hold(Decision.Code.WRONG_DIRECTORY, why, Tick.SAFETY_NET);
          case Situation.Uninitialized uninitialized ->
              Uninitialized.decide(o, uninitialized.view());
          case Situation.HoldingLease holding -> HoldingLease.decide(o, holding, rules);
          case Situation.Witness witness -> Witnessing.decide(o, witness.view());
          case Situation.PausedPrimary paused -> Pausing.primary(o, paused.view());
          case Situation.NoPrimary none -> NoPrimary.decide(o, none, rules);
          case Situation.FollowingPrimary following -> FollowingPrimary.decide(o, following, rules);
        };
    return new Judgement(situation, patient(o, decision));
  }

  /**
   * Where the kernel holds PostgreSQL's processes, or the disk on which its end is to be noted, a
   * fence does not end. The key must pass on all the same: killed processes acknowledge nothing.
   */
  private static Decision working(Observation o, Observation.Busy busy) {
    if (!busy.operation().equals(Action.FENCE)
        || o.paused()
        || !(o.hold() instanceof Hold.Held held)) {
      return Decision.hold(Decision.Code.BUSY, busy.operation(), Tick.SAFETY_NET);
    }
    Duration left = Tick.FENCE.minus(busy.since().until(o.now()));
    return left.isPositive()
        ? Decision.hold(Decision.Code.BUSY, busy.operation(), left)
        : GivingBack.byLapse(
            held.epoch(), "PostgreSQL has not ended within " + Tick.FENCE.toSeconds() + " s");
  }

  /**
   * What failed a moment ago is not tried again at once, whatever the situation: an action that
   * fails at once would be repeated as fast as the machine can. Ending PostgreSQL never waits.
   */
  private static Decision patient(Observation o, Decision decision) {
    Optional<OperationFailure> recent =
        o.failure().filter(failure -> o.now().isBefore(failure.retryAt()));
    if (recent.isEmpty()) {
      return decision;
    }
    OperationFailure failure = recent.get();
    List<Action> now =
        decision.actions().stream()
            .filter(a -> a instanceof Action.Fence || !a.name().equals(failure.operation()))
            .toList();
    if (now.size() == decision.actions().size()) {
      return decision;
    }
    Duration left = o.now().until(failure.retryAt());
    return new Decision(
        now,
        decision.code(),
        decision.reason() + " (" + failed(failure) + ")",
        left.compareTo(decision.wakeAfter()) < 0 ? left : decision.wakeAfter());
  }

  private static String failed(OperationFailure failure) {
    return failure.operation() + " failed (" + failure.attempts() + "×): " + failure.reason();
  }

  private static Decision starting(Observation o) {
    return o.view().isEmpty()
        ? Decision.hold(
            Decision.Code.WAITING_FOR_STORE,
            o.store().problem().orElse("waiting for the store: no majority of its voters yet"),
            Tick.SAFETY_NET)
        : Decision.hold(Decision.Code.STARTING, "looking at PostgreSQL", Duration.ofMillis(200));
  }

  private static Decision resume(Observation o) {
    // In pause the note of a hold that lapsed is kept, and the key may have been taken again since.
    Optional<NodeState.HoldNote> shown =
        o.view()
            .flatMap(view -> view.leader())
            .filter(leader -> leader.holder().equals(o.self()))
            .map(leader -> new NodeState.HoldNote(leader.epoch(), leader.leaseId()));
    Optional<NodeState.HoldNote> asked =
        shown.filter(note -> note.leaseId() == o.pendingLease()).or(() -> o.durable().hold());
    return asked
        .or(() -> shown)
        .map(hold ->
            Decision.act(
                Decision.Code.RESUMING_HOLD,
                "asking whether the hold of epoch " + hold.epoch() + " still stands",
                new Action.ResumeHold(hold)))
        .orElseGet(() -> Decision.hold(Decision.Code.STARTING, "no hold", Tick.SAFETY_NET));
  }
}
