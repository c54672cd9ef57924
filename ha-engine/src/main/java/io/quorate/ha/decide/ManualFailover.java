package io.quorate.ha.decide;

import io.quorate.ha.decide.election.Ballot;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.Wish;
import io.quorate.time.BootTime;
import java.util.List;
import java.util.Optional;

/**
 * An operator has named who is to be primary while there is none. All that live pledge first, as in
 * any round; then the candidate takes the key, though others may have more, only where that loss
 * was accepted.
 */
final class ManualFailover {

  private ManualFailover() {}

  /**
   * The wish, where there is one that nobody has acted on, or that the last primary did not get
   * through with.
   */
  private static Optional<Intent> wish(ClusterView view) {
    return view.openIntent(Wish.PRIMARY_SLOT)
        .filter(i -> i.wish() instanceof Wish.Failover)
        .filter(i -> i.progress().state() == Intent.State.PENDING || begun(i, view));
  }

  /** Whether there is to be a new primary, paused or not: none stays where one was asked for. */
  static boolean asked(ClusterView view) {
    return wish(view).isPresent()
        || view.openIntent(Wish.PRIMARY_SLOT).filter(i -> begun(i, view)).isPresent();
  }

  /** The last primary has begun to stop for it. */
  private static boolean begun(Intent intent, ClusterView view) {
    boolean stopping =
        switch (intent.progress().state()) {
          case STOPPING, STOPPED, HANDING_OVER -> true;
          case PENDING, PREPARING, RUNNING, DONE, FAILED, CANCELLED -> false;
        };
    return stopping && intent.progress().epoch().equals(view.round());
  }

  /** What it asks for; empty where the round goes on as ever. */
  static Optional<Decision> decide(
      Observation o, ClusterView view, EpochRecord ended, Pledge own, Ballot ballot) {
    Optional<Intent> wish = wish(view);
    if (wish.isEmpty() || !(wish.get().wish() instanceof Wish.Failover failover)) {
      return Optional.empty();
    }
    if (!failover.candidate().equals(o.self())) {
      return isLate(o)
          ? Optional.empty()
          : Optional.of(
              Decision.hold(
                  Decision.Code.NOT_THE_BEST,
                  "an operator has named " + failover.candidate(),
                  Tick.SAFETY_NET));
    }
    return switch (ballot) {
      case Ballot.Incomplete _ -> Optional.empty();
      case Ballot.Mine mine -> Optional.of(take(o, view, ended, own, wish.get(), mine.counted()));
      case Ballot.Others others ->
          Optional.of(lossy(o, view, ended, own, wish.get(), others.reason()));
      case Ballot.Nobody(String reason) ->
          Optional.of(lossy(o, view, ended, own, wish.get(), reason));
    };
  }

  /** Nobody can take the key before it is gone, and stopping may take long. */
  private static boolean isLate(Observation o) {
    return isLongAgo(o, Optional.ofNullable(o.intentSince().get(Wish.PRIMARY_SLOT)))
        && isLongAgo(o, o.leaderAbsentSince());
  }

  private static boolean isLongAgo(Observation o, Optional<BootTime> since) {
    return since.filter(at -> at.until(o.now()).compareTo(Tick.STANDBYS_FIRST) > 0).isPresent();
  }

  private static Decision lossy(
      Observation o, ClusterView view, EpochRecord ended, Pledge own, Intent intent, String why) {
    if (!o.tags().mayBePrimary()) {
      return refuse(intent, Refusal.Code.CANDIDATE_NOT_ELIGIBLE, o.self() + " may not be primary");
    }
    if (!(intent.wish() instanceof Wish.Failover failover) || !failover.acceptDataLoss()) {
      return refuse(
          intent,
          Refusal.Code.DATA_LOSS_NOT_ACCEPTED,
          o.self() + " would not be without loss: " + why);
    }
    List<Pledge> counted =
        view.pledges().values().stream()
            .filter(p -> p.round().equals(ended.epoch()))
            .filter(p -> known(view, p).filter(p.dataId()::equals).isPresent())
            .toList();
    return take(o, view, ended, own, intent, counted);
  }

  private static Optional<DataId> known(ClusterView view, Pledge pledge) {
    return Optional.ofNullable(view.dataIds().get(pledge.member()))
        .map(ClusterView.StoredDataId::dataId);
  }

  private static Decision refuse(Intent intent, Refusal.Code code, String reason) {
    return Decision.act(
        Decision.Code.SWITCHING_OVER,
        "no failover: " + reason,
        new Action.Advance(intent.with(intent.progress().refused(new Refusal(code, reason)))));
  }

  private static Decision take(
      Observation o,
      ClusterView view,
      EpochRecord ended,
      Pledge own,
      Intent intent,
      List<Pledge> counted) {
    if (!o.viewConfirmed()) {
      return Decision.act(
          Decision.Code.CONFIRMING,
          "reading the cluster linearizably before taking the key",
          new Action.ConfirmView());
    }
    return Decision.act(
        Decision.Code.ACQUIRING,
        "taking the key, as an operator asked",
        new Action.Acquire(
            new Acquisition(
                ended.epoch(),
                own.dataId(),
                own.end(),
                counted,
                NoPrimary.nextTimeline(view, ended, counted),
                ended.sync(),
                EpochRecord.Cause.FAILOVER),
            Optional.of(intent)));
  }
}
