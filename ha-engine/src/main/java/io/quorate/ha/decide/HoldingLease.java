package io.quorate.ha.decide;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.PromotionNote;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.PostgresOperation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** This member holds the key: PostgreSQL here becomes, or stays, the primary of this epoch. */
final class HoldingLease {

  /** So often may what a promotion needs first fail, before the key is another member's to try. */
  private static final int ATTEMPTS = 3;

  private HoldingLease() {}

  static Decision decide(Observation o, Situation.HoldingLease situation, DecisionRules rules) {
    Epoch epoch = situation.hold().epoch();
    Optional<EpochRecord> record =
        situation.view().lastEpoch().filter(last -> last.epoch().equals(epoch));
    boolean succeeded =
        situation.view().lastEpoch().filter(last -> last.epoch().isAfter(epoch)).isPresent();
    if (succeeded && o.postgres() instanceof PostgresStatus.Stopped) {
      return Decision.act(
          Decision.Code.GIVING_UP_PRIMARY,
          "the key has passed on: forgetting the hold of epoch " + epoch,
          new Action.SaveState(o.durable().withHold(Optional.empty())));
    }
    if (record.isEmpty()) {
      return Decision.hold(
          Decision.Code.CONFIRMING, "waiting to see the own acquisition", Tick.SAFETY_NET);
    }
    // A pledge voids every earlier acquisition of the same member (late promotion), and so does
    // giving the key back with an outcome that is not known: that may land at any moment.
    if (rules.promotesOnlyUnderHold() && !epoch.isAfter(o.durable().floor())) {
      return giveUp(
          o,
          epoch,
          "this member has pledged for round "
              + o.durable().floor()
              + ", or was giving this key back");
    }
    if (o.durable().hold().filter(note -> note.epoch().equals(epoch)).isEmpty()) {
      return giveUp(o, epoch, "the hold could not be noted durably");
    }
    Optional<String> unable = unableToBegin(o);
    if (unable.isPresent() && !(o.postgres() instanceof PostgresStatus.Primary)) {
      return giveUp(o, epoch, unable.get());
    }
    Optional<Decision> wished =
        SwitchingOver.decide(o, situation.view(), record.get())
            .or(() -> OwnWishes.decide(o, situation.view()));
    if (wished.isPresent()) {
      return wished.get();
    }
    if (mayBeWritableUnseen(o) && !o.guardianArmed() && !o.paused()) {
      return armGuardian();
    }
    return switch (o.postgres()) {
      case PostgresStatus.Primary primary -> run(o, situation.view(), record.get(), primary);
      case PostgresStatus.Standby standby -> promote(o, record.get(), standby, rules);
      case PostgresStatus.Stopped _ -> start(o, situation.view(), record.get());
      case PostgresStatus.Starting _ -> starting(o, epoch);
      case PostgresStatus.Unobserved _ ->
          Decision.hold(
              Decision.Code.STARTING_PRIMARY, "PostgreSQL starts", Duration.ofMillis(200));
      case PostgresStatus.Unresponsive(String reason) ->
          o.paused()
              ? Pausing.leave("PostgreSQL does not answer (" + reason + ") and is not ended")
              : unresponsive(o, epoch, reason);
      case PostgresStatus.None _ -> giveUp(o, epoch, "a witness has no PostgreSQL");
      case PostgresStatus.NoData _ -> giveUp(o, epoch, "the data directory is gone");
      case PostgresStatus.Unusable(String reason) -> giveUp(o, epoch, reason);
    };
  }

  /** What an earlier run of the agent left, or a pause: it does not say what it is. */
  private static boolean mayBeWritableUnseen(Observation o) {
    return o.postgres() instanceof PostgresStatus.Starting
        || o.postgres() instanceof PostgresStatus.Unresponsive;
  }

  /** Its start was begun by an earlier run of the agent, or it is being shut down. */
  private static Decision starting(Observation o, Epoch epoch) {
    Duration since = o.startingSince().map(began -> began.until(o.now())).orElse(Duration.ZERO);
    Duration bound = o.settings().primaryStartTimeout();
    return since.compareTo(bound) < 0 || o.paused()
        ? Decision.hold(Decision.Code.STARTING_PRIMARY, "PostgreSQL starts", Duration.ofMillis(200))
        : giveUp(
            o,
            epoch,
            "PostgreSQL has let nobody in for " + bound.toSeconds() + " s (primary_start_timeout)");
  }

  /** PostgreSQL is a standby frozen in the round that was won. */
  private static Decision promote(
      Observation o, EpochRecord record, PostgresStatus.Standby standby, DecisionRules rules) {
    if (failedJustNow(o, "promote")) {
      return giveUp(o, record.epoch(), "the promotion failed: " + o.failure().get().reason());
    }
    Optional<EndOfWal> frozen = o.frozen().map(FrozenWal::end);
    Optional<EndOfWal> from = frozen.or(() -> handedOver(o, record, rules));
    if (standby.dataId().filter(record.dataId()::equals).isEmpty()) {
      return giveUp(o, record.epoch(), "this is not the directory that won the round");
    }
    if (from.isEmpty()) {
      return giveUp(
          o,
          record.epoch(),
          "it is not known any more where the WAL ended here when the key was taken");
    }
    PromotionNote note = new PromotionNote(record.epoch(), from.get(), record.timeline());
    if (!o.durable().promotions().contains(note)) {
      return Decision.act(
          Decision.Code.PROMOTING,
          "noting durably: epoch " + record.epoch() + " promotes from " + note.from(),
          new Action.SaveState(o.durable().withPromotion(note)));
    }
    if (!o.guardianArmed() && !o.paused()) {
      return armGuardian();
    }
    return Decision.act(
        Decision.Code.PROMOTING,
        "promoting to timeline " + record.timeline() + " from " + note.from(),
        new Action.Run(
            new PostgresOperation.Promote(
                record.epoch(), note.from(), record.timeline(), frozen.isEmpty())));
  }

  /** Where this member had caught up with the stopped primary when it took the key from it. */
  private static Optional<EndOfWal> handedOver(
      Observation o, EpochRecord record, DecisionRules rules) {
    return o.durable().promotions().stream()
        .filter(note -> note.epoch().equals(record.epoch()))
        .map(PromotionNote::from)
        .filter(from ->
            !rules.waitsForAllWal() || o.caughtUp().map(FrozenWal::end).equals(Optional.of(from)))
        .findFirst();
  }

  /** PostgreSQL is stopped: the first start of a new cluster, or it died. */
  private static Decision start(Observation o, ClusterView view, EpochRecord record) {
    boolean first = record.cause() == EpochRecord.Cause.BOOTSTRAP;
    boolean wasPrimary = view.branchOf(record.epoch()).isPresent();
    if (!first && !wasPrimary) {
      return giveUp(
          o,
          record.epoch(),
          failedJustNow(o, "promote")
              ? "the promotion failed: " + o.failure().get().reason()
              : "PostgreSQL stopped before it was promoted");
    }
    if (o.durable().unfinished().isPresent()) {
      return Decision.act(
          Decision.Code.STARTING_PRIMARY,
          "noting that the directory made is the cluster's",
          new Action.SaveState(o.durable().withUnfinished(Optional.empty())));
    }
    if (o.hung().filter(record.epoch()::equals).isPresent()) {
      return giveUp(o, record.epoch(), "PostgreSQL ran and did not answer");
    }
    if (failedJustNow(o, "start primary")) {
      return giveUp(o, record.epoch(), "it could not be started: " + o.failure().get().reason());
    }
    if (o.paused() && !Pausing.stoppedByWish(o, view)) {
      return Pausing.leave("PostgreSQL is stopped and is not started");
    }
    if (!o.guardianArmed() && !o.paused()) {
      return armGuardian();
    }
    return Decision.act(
        Decision.Code.STARTING_PRIMARY,
        wasPrimary
            ? "PostgreSQL died and the lease is good: restarting it in place"
            : "starting the first primary",
        new Action.Run(
            new PostgresOperation.StartPrimary(
                o.settings().parameters(), o.settings().primaryStartTimeout())));
  }

  /** A member that cannot write its notes or guard its PostgreSQL must not sit on the key. */
  private static Optional<String> unableToBegin(Observation o) {
    return o.failure()
        .filter(f -> f.operation().equals("arm guardian") || f.operation().equals("save state"))
        .filter(f -> f.attempts() >= ATTEMPTS)
        .map(f -> f.operation() + " failed " + f.attempts() + " times: " + f.reason());
  }

  /** A failure that is older speaks of an earlier hold. */
  private static boolean failedJustNow(Observation o, String operation) {
    return o.failure()
        .filter(f -> f.operation().equals(operation))
        .filter(f -> o.now().isBefore(f.retryAt()))
        .isPresent();
  }

  private static Decision armGuardian() {
    return Decision.act(
        Decision.Code.STARTING_PRIMARY,
        "starting the guardian before PostgreSQL can be written to",
        new Action.ArmGuardian());
  }

  private static Decision unresponsive(Observation o, Epoch epoch, String reason) {
    Duration since = o.unresponsiveSince().map(began -> began.until(o.now())).orElse(Duration.ZERO);
    Duration bound = o.settings().primaryUnresponsiveTimeout();
    if (since.compareTo(bound) < 0) {
      return Decision.hold(
          Decision.Code.RUNNING_AS_PRIMARY,
          "PostgreSQL does not answer: " + reason,
          bound.minus(since));
    }
    if (o.failure().filter(f -> f.operation().equals(Action.FENCE)).isPresent()) {
      return GivingBack.byLapse(epoch, o.failure().get().reason());
    }
    return Decision.act(
        Decision.Code.GIVING_UP_PRIMARY,
        "PostgreSQL has not answered for "
            + since.toSeconds()
            + " s ("
            + reason
            + "): ending it under epoch "
            + epoch,
        new Action.Fence("unresponsive for " + since.toSeconds() + " s"));
  }

  private static Decision giveUp(Observation o, Epoch epoch, String why) {
    boolean stopped =
        switch (o.postgres()) {
          case PostgresStatus.Stopped _ -> GivingBack.leavesStandby(o);
          case PostgresStatus.None _, PostgresStatus.NoData _, PostgresStatus.Unusable _ -> true;
          // Where a promotion may have been asked for, it may become writable at any moment.
          case PostgresStatus.Standby _ ->
              o.durable().promotions().stream().noneMatch(note -> note.epoch().equals(epoch));
          case PostgresStatus.Primary _,
              PostgresStatus.Starting _,
              PostgresStatus.Unresponsive _,
              PostgresStatus.Unobserved _ ->
              false;
        };
    return stopped
        ? Decision.act(
            Decision.Code.GIVING_UP_PRIMARY,
            "giving the key back: " + why,
            new Action.Release(epoch, false, why))
        : GivingBack.endFirst(o, Decision.Code.GIVING_UP_PRIMARY, why);
  }

  /** PostgreSQL is the primary. Everything that a running primary looks after. */
  private static Decision run(
      Observation o, ClusterView view, EpochRecord record, PostgresStatus.Primary primary) {
    if (!primary.timeline().equals(record.timeline())) {
      return giveUp(
          o,
          record.epoch(),
          "PostgreSQL took timeline " + primary.timeline() + " instead of " + record.timeline());
    }
    List<Action> actions = new ArrayList<>();
    if (!o.guardianArmed() && !o.paused()) {
      actions.add(new Action.ArmGuardian());
    }
    branchToPublish(o, view, record)
        .ifPresent(b -> actions.add(new Action.PublishBranch(b, untold(o, view, b))));
    OwnLosses.toReport(o, view, new FailoverReport.Loss.None()).ifPresent(actions::add);
    MemberSlots.toEnsure(o, view, primary).ifPresent(actions::add);
    StoreLeadership.targetWhileCalm(o, view)
        .ifPresent(target -> actions.add(new Action.MoveStoreLeadership(target)));
    return new Decision(
        actions,
        Decision.Code.RUNNING_AS_PRIMARY,
        "primary of epoch "
            + record.epoch()
            + " on timeline "
            + record.timeline()
            + MemberSlots.remark(primary)
            + SwitchingOver.remark(o, view, record, primary),
        Tick.STORE_LEADERSHIP);
  }

  private static Optional<Branch> branchToPublish(
      Observation o, ClusterView view, EpochRecord record) {
    if (view.branchOf(record.epoch()).isPresent()) {
      return Optional.empty();
    }
    if (record.cause() == EpochRecord.Cause.BOOTSTRAP) {
      return Optional.of(
          new Branch(record.epoch(), record.timeline(), record.timeline(), Lsn.INVALID));
    }
    return o.promoted()
        .map(p -> new Branch(record.epoch(), p.timeline(), p.parent(), p.fork()))
        .or(() ->
            // The agent was restarted between the promotion and its publication: the durable
            // note says where from.
            o.durable().promotions().stream()
                .filter(note -> note.epoch().equals(record.epoch()))
                .max(Comparator.comparing(PromotionNote::epoch))
                .map(HoldingLease::fromNote));
  }

  /**
   * A promotion that was never published, the agent having died right after it, and whose WAL
   * counts all the same: without its branch the others would take their own WAL for diverged.
   */
  private static List<Branch> untold(Observation o, ClusterView view, Branch branch) {
    List<Branch> found = new ArrayList<>();
    Branch next = branch;
    while (!next.parent().equals(next.timeline()) && !view.branches().containsKey(next.parent())) {
      TimelineId parent = next.parent();
      Optional<Branch> own =
          o.durable().promotions().stream()
              .filter(note -> note.to().equals(parent))
              .max(Comparator.comparing(PromotionNote::epoch))
              .map(HoldingLease::fromNote);
      if (own.isEmpty()) {
        break;
      }
      next = own.get();
      found.add(next);
    }
    return found;
  }

  private static Branch fromNote(PromotionNote note) {
    TimelineId parent = note.from().timeline();
    return new Branch(note.epoch(), note.to(), parent, note.from().lsn());
  }
}
