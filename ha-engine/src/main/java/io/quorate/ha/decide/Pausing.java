package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.Wish;
import java.util.List;
import java.util.Optional;

/**
 * Pause: PostgreSQL is neither started, stopped, promoted nor ended but by an operator's wish.
 * Entering, it is noted durably before the guardian goes home, so that a restarted agent knows;
 * leaving, the guardian stands before the note is taken back.
 */
final class Pausing {

  private Pausing() {}

  /** A step into pause or out of it that is still to be made, in whatever situation. */
  static Optional<Decision> transition(Observation o, Situation situation) {
    if (o.postgres() instanceof PostgresStatus.None) {
      return Optional.empty();
    }
    boolean settled =
        !(situation instanceof Situation.MustFence)
            && !(situation instanceof Situation.StrayPrimary)
            && !(situation instanceof Situation.Working)
            && !(situation instanceof Situation.Starting);
    if (!settled || o.view().flatMap(ClusterView::settings).isEmpty()) {
      return Optional.empty();
    }
    if (o.paused()) {
      return entering(o);
    }
    if (!o.durable().paused()) {
      return Optional.empty();
    }
    boolean unguarded =
        situation instanceof Situation.HoldingLease
            && maybeWritable(o.postgres())
            && !o.guardianArmed();
    return Optional.of(
        unguarded
            ? act("the pause is over: the guardian first", new Action.ArmGuardian())
            : act("the pause is over", new Action.SaveState(o.durable().withPaused(false))));
  }

  private static boolean maybeWritable(PostgresStatus postgres) {
    return postgres instanceof PostgresStatus.Primary
        || postgres instanceof PostgresStatus.Starting
        || postgres instanceof PostgresStatus.Unresponsive;
  }

  private static Optional<Decision> entering(Observation o) {
    if (!o.durable().paused()) {
      return Optional.of(
          act(
              "noting durably that it is paused",
              new Action.SaveState(o.durable().withPaused(true))));
    }
    return o.guardianArmed()
        ? Optional.of(act("the guardian goes home while it is paused", new Action.DisarmGuardian()))
        : Optional.empty();
  }

  /** PostgreSQL is writable here, or may be, and this member holds nothing. */
  static Decision primary(Observation o, ClusterView view) {
    if (!(o.postgres() instanceof PostgresStatus.Primary)) {
      return leave("PostgreSQL does not answer; it may be writable");
    }
    if (view.leader().isPresent()) {
      boolean own = view.leader().get().holder().equals(o.self());
      return leave(
          own
              ? "the lease has lapsed; it is taken again once the key is gone"
              : "PostgreSQL is writable though "
                  + view.leader().get().holder()
                  + " is primary; when the pause ends it is ended");
    }
    Optional<EpochRecord> own =
        view.lastEpoch()
            .filter(last -> last.holder().equals(o.self()))
            .filter(last -> o.provenDataId().filter(last.dataId()::equals).isPresent());
    if (own.isEmpty()
        || o.durable().unfinished().isPresent()
        || !(o.postgres() instanceof PostgresStatus.Primary primary)
        || !primary.timeline().equals(own.get().timeline())) {
      return leave("PostgreSQL is writable, and was not the last primary of the cluster");
    }
    if (!o.viewConfirmed()) {
      return act(
          "reading the cluster linearizably before taking the key", new Action.ConfirmView());
    }
    return act(
        "taking the lapsed key again: nobody had it since",
        new Action.Acquire(
            new Acquisition(
                own.get().epoch(),
                own.get().dataId(),
                new EndOfWal(primary.timeline(), primary.flush()),
                List.of(),
                primary.timeline(),
                own.get().sync(),
                EpochRecord.Cause.RETAKEN)));
  }

  /** Whether it is an operator's wish that has stopped PostgreSQL here, so that it is started. */
  static boolean stoppedByWish(Observation o, ClusterView view) {
    boolean restarting =
        view.intents().values().stream()
            .filter(i -> i.progress().state() == Intent.State.RUNNING)
            .map(Intent::wish)
            .anyMatch(wish ->
                (wish instanceof Wish.Restart r && r.member().equals(o.self()))
                    || (wish instanceof Wish.Reinit n && n.member().equals(o.self())));
    return restarting || rolledBack(view) || handedOver(o, view);
  }

  /** The primary was stopped for a switchover under its epoch, and has to serve again. */
  private static boolean rolledBack(ClusterView view) {
    Intent last = view.intents().get(Wish.PRIMARY_SLOT);
    return last != null
        && last.progress().state() == Intent.State.FAILED
        && last.progress().candidate().isPresent()
        && view.leader().filter(l -> l.epoch().equals(last.progress().epoch())).isPresent();
  }

  /** This member was the primary that was stopped for the one that there is now. */
  private static boolean handedOver(Observation o, ClusterView view) {
    return view.lastEpoch()
        .filter(last ->
            last.cause() == EpochRecord.Cause.SWITCHOVER
                || last.cause() == EpochRecord.Cause.FAILOVER)
        .map(last -> view.failovers().get(last.epoch()))
        .flatMap(FailoverReport::oldPrimary)
        .filter(o.self()::equals)
        .isPresent();
  }

  /** Nothing is done while it is paused. */
  static Decision leave(String what) {
    return Decision.hold(Decision.Code.PAUSED, "paused: " + what, Tick.SAFETY_NET);
  }

  private static Decision act(String reason, Action action) {
    return Decision.act(Decision.Code.PAUSED, reason, action);
  }
}
