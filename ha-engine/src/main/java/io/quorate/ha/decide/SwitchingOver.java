package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.ControlFacts;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.Wish;
import io.quorate.ha.port.PostgresOperation;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The holder of the key carries out a switchover, or a failover while there is a primary: check,
 * checkpoint, stop, say where the WAL ends, and let the candidate take over. Whatever fails before
 * that ends with the wish marked as failed, and then this primary serving again: in this order,
 * since the candidate takes over only while the wish stands as it read it.
 */
final class SwitchingOver {

  /** Reasons that may have gone since PostgreSQL was looked at. */
  private static final Set<Refusal.Code> SEEN_AT_POSTGRES =
      Set.of(
          Refusal.Code.CANDIDATE_NOT_ATTACHED,
          Refusal.Code.CANDIDATE_LAGS,
          Refusal.Code.NO_CANDIDATE);

  private SwitchingOver() {}

  /** What the wish asks for now; empty where PostgreSQL is to be looked after as ever. */
  static Optional<Decision> decide(Observation o, ClusterView view, EpochRecord record) {
    Optional<Intent> open = view.openIntent(Wish.PRIMARY_SLOT);
    if (open.isEmpty()) {
      return Optional.empty();
    }
    Intent intent = open.get();
    Intent.Progress progress = intent.progress();
    if (progress.state() != Intent.State.PENDING && !progress.epoch().equals(record.epoch())) {
      return formerEpoch(o, view, record, intent);
    }
    return switch (progress.state()) {
      case PENDING -> pending(o, view, record, intent);
      case PREPARING ->
          hangs(o) && !isFailover(intent)
              ? Optional.empty()
              : Optional.of(prepare(o, view, record, intent));
      case STOPPING -> endedAsHung(o, intent) ? Optional.empty() : Optional.of(stop(o, intent));
      case STOPPED -> Optional.of(await(o, view, intent));
      case HANDING_OVER ->
          Optional.of(
              Decision.act(
                  Decision.Code.SWITCHING_OVER,
                  "the key has passed to "
                      + progress.candidate().map(MemberName::value).orElse("?"),
                  new Action.SaveState(o.durable().withHold(Optional.empty()))));
      case RUNNING, DONE, FAILED, CANCELLED -> Optional.empty();
    };
  }

  /** Begun under an epoch that is over. */
  private static Optional<Decision> formerEpoch(
      Observation o, ClusterView view, EpochRecord record, Intent intent) {
    boolean serving =
        o.postgres() instanceof PostgresStatus.Primary && view.branchOf(record.epoch()).isPresent();
    if (!serving) {
      return Optional.empty();
    }
    boolean asWished = intent.progress().candidate().equals(Optional.of(o.self()));
    String outcome = o.self() + " is primary of epoch " + record.epoch();
    return Optional.of(
        asWished
            ? advance(intent, Intent.State.DONE, outcome)
            : advance(intent, Intent.State.FAILED, "something came in between: " + outcome));
  }

  private static Optional<Decision> pending(
      Observation o, ClusterView view, EpochRecord record, Intent intent) {
    boolean serving = view.branchOf(record.epoch()).isPresent();
    if (!(o.postgres() instanceof PostgresStatus.Primary primary) || !serving) {
      return Optional.empty();
    }
    if (intent.wish() instanceof Wish.Failover failover && failover.candidate().equals(o.self())) {
      return Optional.of(
          advance(intent, Intent.State.DONE, o.self() + " is primary of epoch " + record.epoch()));
    }
    if (intent.wish().scheduledAt().filter(at -> o.wall().isBefore(at)).isPresent()) {
      return Optional.empty();
    }
    Optional<Refusal> missed = missed(o, intent);
    if (missed.isPresent()) {
      return Optional.of(refuse(intent, missed.get()));
    }
    CandidateChoice choice = CandidateChoice.of(o, view, record.epoch(), primary, intent.wish());
    if (choice.refusal().isPresent()) {
      return choice.awaitedUntil(intent.wish(), o.wall()).isPresent()
          ? Optional.empty()
          : Optional.of(refuseUnlessFresh(o, intent, choice.refusal().get()));
    }
    String why = "to " + choice.candidate() + ": a checkpoint first";
    return Optional.of(
        act(
            "beginning to switch over " + why,
            new Action.Advance(
                intent.with(
                    new Intent.Progress(
                        Intent.State.PREPARING,
                        why,
                        record.epoch(),
                        Optional.of(choice.candidate()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())))));
  }

  /** What is said of a scheduled one whose time has come, while its candidate is waited for. */
  static String remark(
      Observation o, ClusterView view, EpochRecord record, PostgresStatus.Primary primary) {
    return view.openIntent(Wish.PRIMARY_SLOT)
        .filter(intent -> intent.progress().state() == Intent.State.PENDING)
        .map(Intent::wish)
        .filter(wish -> wish.scheduledAt().filter(at -> !o.wall().isBefore(at)).isPresent())
        .flatMap(wish -> {
          CandidateChoice choice = CandidateChoice.of(o, view, record.epoch(), primary, wish);
          return choice
              .awaitedUntil(wish, o.wall())
              .map(until ->
                  "; the scheduled switchover is waiting for the candidate until "
                      + until
                      + ": "
                      + choice.refusal().map(Refusal::reason).orElse(""));
        })
        .orElse("");
  }

  private static Optional<Refusal> missed(Observation o, Intent intent) {
    if (intent
        .wish()
        .scheduledAt()
        .filter(at -> o.wall().isAfter(at.plus(Tick.MISSED)))
        .isPresent()) {
      return Optional.of(
          new Refusal(
              Refusal.Code.SCHEDULED_IN_THE_PAST,
              "nobody could act on it within " + Tick.MISSED.toMinutes() + " minutes of its time"));
    }
    if (o.settings().pause() && intent.wish().scheduledAt().isPresent()) {
      return Optional.of(
          new Refusal(Refusal.Code.PAUSED, "its time came while the cluster was paused"));
    }
    return Optional.empty();
  }

  /** The first checkpoint takes as long as it takes; nobody waits for it. */
  private static Decision prepare(
      Observation o, ClusterView view, EpochRecord record, Intent intent) {
    MemberName candidate = intent.progress().candidate().orElse(o.self());
    if (hangs(o)) {
      return advance(
          intent,
          Intent.State.STOPPING,
          "PostgreSQL on " + o.self() + " does not answer: ending it without a checkpoint");
    }
    if (!(o.postgres() instanceof PostgresStatus.Primary primary)) {
      return rollBack(intent, "PostgreSQL stopped before it was to");
    }
    CandidateChoice again =
        CandidateChoice.of(o, view, record.epoch(), primary, named(intent.wish(), candidate));
    if (again.refusal().isPresent()) {
      return refuseUnlessFresh(o, intent, again.refusal().get());
    }
    boolean fresh =
        o.checkpointAt()
            .filter(at -> at.until(o.now()).compareTo(Tick.CHECKPOINT_FRESH) < 0)
            .isPresent();
    if (!fresh) {
      return act(
          "a checkpoint, so that stopping is quick",
          new Action.Run(
              new PostgresOperation.Checkpoint(
                  isFailover(intent) ? Tick.FAILOVER_CHECKPOINT : Tick.CHECKPOINT)));
    }
    return isFailover(intent)
        ? stopping(o, intent)
        : agentAnswers(o, intent, candidate).orElseGet(() -> stopping(o, intent));
  }

  private static Decision stopping(Observation o, Intent intent) {
    return advance(intent, Intent.State.STOPPING, "stopping PostgreSQL on " + o.self());
  }

  /**
   * The store knows for as long as a member's lease that its agent is gone: asked itself, before
   * anybody is cut off. Empty once it has answered.
   */
  private static Optional<Decision> agentAnswers(
      Observation o, Intent intent, MemberName candidate) {
    Boolean answers = o.peers().get(candidate);
    if (answers == null) {
      return Optional.of(
          act(
              "asking whether the agent of " + candidate + " is there",
              new Action.AskPeer(candidate)));
    }
    return answers
        ? Optional.empty()
        : Optional.of(
            refuse(
                intent,
                new Refusal(
                    Refusal.Code.CANDIDATE_NOT_RUNNING,
                    "the agent of " + candidate + " does not answer")));
  }

  private static Wish named(Wish wish, MemberName candidate) {
    return wish instanceof Wish.Switchover s
        ? new Wish.Switchover(s.leader(), Optional.of(candidate), s.scheduledAt())
        : wish;
  }

  private static Decision stop(Observation o, Intent intent) {
    if (cannotStop(o, intent)) {
      return act(
          "PostgreSQL cannot be stopped, and an operator wants another primary: no renewal any more",
          new Action.LetLapse(intent.progress().epoch(), "PostgreSQL cannot be stopped"));
    }
    return switch (o.postgres()) {
      case PostgresStatus.Primary _ ->
          act(
              "stopping PostgreSQL in good order",
              new Action.Run(new PostgresOperation.HandOver(Tick.SWITCHOVER_STOP)));
      case PostgresStatus.Stopped stopped -> stopped(o, intent, stopped);
      case PostgresStatus.Starting _, PostgresStatus.Unresponsive _, PostgresStatus.Unobserved _ ->
          Decision.hold(
              Decision.Code.SWITCHING_OVER, "looking at PostgreSQL", Duration.ofMillis(200));
      case PostgresStatus.Standby _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _ ->
          rollBack(intent, "PostgreSQL on " + o.self() + " is not what it was");
    };
  }

  /** One that hangs is looked after, and ended, as without the wish. */
  private static boolean endedAsHung(Observation o, Intent intent) {
    return hangs(o) && isFailover(intent) && !o.paused() && !cannotStop(o, intent);
  }

  private static boolean hangs(Observation o) {
    return o.postgres() instanceof PostgresStatus.Unresponsive;
  }

  private static boolean isFailover(Intent intent) {
    return intent.wish() instanceof Wish.Failover;
  }

  /** A failover is asked for where a primary is in trouble: it must not depend on its stopping. */
  private static boolean cannotStop(Observation o, Intent intent) {
    boolean stopped = o.postgres() instanceof PostgresStatus.Stopped;
    return !stopped
        && isFailover(intent)
        && Optional.ofNullable(o.intentSince().get(Wish.PRIMARY_SLOT))
            .filter(at -> at.until(o.now()).compareTo(Tick.CANNOT_STOP) > 0)
            .isPresent();
  }

  private static Decision stopped(Observation o, Intent intent, PostgresStatus.Stopped stopped) {
    boolean inGoodOrder = stopped.control().state() == ControlFacts.ClusterState.SHUT_DOWN;
    if (!inGoodOrder && isFailover(intent)) {
      return passOn(o, intent);
    }
    if (!inGoodOrder) {
      return rollBack(
          intent,
          "PostgreSQL did not stop in good order within "
              + Tick.SWITCHOVER_STOP.toSeconds()
              + " s: "
              + o.self()
              + " is primary again");
    }
    if (o.stoppedEnd().isEmpty()) {
      return failedToRead(o)
          ? rollBack(intent, "where the WAL ends could not be read")
          : act("finding where the WAL ends", new Action.ReadEndOfWal());
    }
    EndOfWal end = o.stoppedEnd().get();
    Intent.Progress now = intent.progress();
    return act(
        "stopped at "
            + end
            + ": "
            + now.candidate().map(MemberName::value).orElse("?")
            + " may take over",
        new Action.Advance(
            intent.with(
                new Intent.Progress(
                    Intent.State.STOPPED,
                    "stopped at " + end,
                    now.epoch(),
                    now.candidate(),
                    Optional.of(end),
                    now.mark(),
                    Optional.empty()))));
  }

  /** All pledge then, this member too, and the one that was named is judged by that. */
  private static Decision passOn(Observation o, Intent intent) {
    String why = "PostgreSQL had to be ended by force for a failover";
    return GivingBack.leavesStandby(o)
        ? Decision.act(
            Decision.Code.GIVING_UP_PRIMARY,
            "giving the key back: " + why,
            new Action.Release(intent.progress().epoch(), false, why))
        : GivingBack.endFirst(o, Decision.Code.GIVING_UP_PRIMARY, why);
  }

  private static boolean failedToRead(Observation o) {
    return o.failure().filter(f -> f.operation().equals("read end of WAL")).isPresent();
  }

  /** This member has said that it serves no more: it takes that back before it does. */
  private static Decision await(Observation o, ClusterView view, Intent intent) {
    MemberName candidate = intent.progress().candidate().orElse(o.self());
    Duration waited =
        Optional.ofNullable(o.intentSince().get(Wish.PRIMARY_SLOT))
            .map(at -> at.until(o.now()))
            .orElse(Duration.ZERO);
    Duration left = Tick.TAKE_OVER.minus(waited);
    boolean gone = !view.members().containsKey(candidate);
    return gone || !left.isPositive()
        ? rollBack(
            intent,
            gone
                ? "the agent of " + candidate + " is gone"
                : candidate + " did not take over within " + Tick.TAKE_OVER.toSeconds() + " s")
        : Decision.hold(
            Decision.Code.SWITCHING_OVER, "waiting for " + candidate + " to take over", left);
  }

  private static Decision rollBack(Intent intent, String why) {
    return advance(intent, Intent.State.FAILED, why);
  }

  /**
   * What PostgreSQL tells of its standbys was looked at up to a second ago: one that has just come
   * may be there by now.
   */
  private static Decision refuseUnlessFresh(Observation o, Intent intent, Refusal refusal) {
    boolean looked = SEEN_AT_POSTGRES.contains(refusal.code());
    Duration left =
        Optional.ofNullable(o.intentSince().get(Wish.PRIMARY_SLOT))
            .map(at -> Tick.LOOK_AGAIN.minus(at.until(o.now())))
            .orElse(Duration.ZERO);
    return looked && left.isPositive()
        ? Decision.hold(
            Decision.Code.SWITCHING_OVER,
            "looking again before refusing: " + refusal.reason(),
            left)
        : refuse(intent, refusal);
  }

  private static Decision refuse(Intent intent, Refusal refusal) {
    return act(
        "not switching over: " + refusal.reason(),
        new Action.Advance(intent.with(intent.progress().refused(refusal))));
  }

  private static Decision advance(Intent intent, Intent.State state, String reason) {
    return act(reason, new Action.Advance(intent.with(intent.progress().with(state, reason))));
  }

  private static Decision act(String reason, Action action) {
    return Decision.act(Decision.Code.SWITCHING_OVER, reason, action);
  }
}
