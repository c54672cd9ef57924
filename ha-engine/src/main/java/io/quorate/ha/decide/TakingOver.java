package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.model.Wish;
import io.quorate.ha.port.PostgresOperation;
import java.util.List;
import java.util.Optional;

/**
 * This member is the candidate of a switchover, and the primary has said where its WAL ends: stop
 * receiving, see that all of it is here, and take the key. What the stopped primary has said stands
 * for its pledge, which alone meets every set that may have acknowledged.
 */
final class TakingOver {

  private TakingOver() {}

  static Optional<Decision> decide(Observation o, ClusterView view, ClusterView.Leader leader) {
    return wish(o, view, leader)
        .flatMap(i -> view.lastEpoch().map(ended -> takeOver(o, view, ended, i)));
  }

  private static Decision takeOver(
      Observation o, ClusterView view, EpochRecord ended, Intent intent) {
    Optional<DataId> dataId = o.provenDataId();
    if (!(o.postgres() instanceof PostgresStatus.Standby standby)
        || dataId.isEmpty()
        || o.durable().unfinished().isPresent()) {
      return decline(intent, "PostgreSQL on " + o.self() + " is not ready to be primary");
    }
    boolean frozenNow =
        o.frozen().filter(frozen -> frozen.name().equals(ended.epoch())).isPresent()
            && standby.upstream().equals(new Upstream.Frozen(ended.epoch()));
    if (!frozenNow) {
      return freeze(o, ended, intent);
    }
    EndOfWal here = o.frozen().orElseThrow().end();
    EndOfWal there = intent.progress().end().orElseThrow();
    boolean all =
        here.timeline().equals(there.timeline()) && here.lsn().compareTo(there.lsn()) >= 0;
    if (!all && !acceptsLoss(intent.wish())) {
      return decline(
          intent, o.self() + " has WAL up to " + here + " only, the primary up to " + there);
    }
    return act(
        "taking over from "
            + ended.holder()
            + (all
                ? ": all up to " + there + " is here"
                : " though WAL up to " + there + " is not here"),
        new Action.TakeOver(
            intent,
            new Acquisition(
                ended.epoch(),
                dataId.get(),
                here,
                List.of(),
                NoPrimary.nextTimeline(view, ended, List.of()),
                ended.sync(),
                intent.wish() instanceof Wish.Failover
                    ? EpochRecord.Cause.FAILOVER
                    : EpochRecord.Cause.SWITCHOVER)));
  }

  private static boolean acceptsLoss(Wish wish) {
    return wish instanceof Wish.Failover failover && failover.acceptDataLoss();
  }

  private static Decision freeze(Observation o, EpochRecord ended, Intent intent) {
    Optional<OperationFailure> failed =
        o.failure().filter(f -> f.operation().equals("stop receiving"));
    return failed.isPresent()
        ? decline(intent, o.self() + " cannot stop receiving: " + failed.get().reason())
        : Decision.act(
            Decision.Code.SWITCHING_OVER,
            "stopping to receive, to take over from " + ended.holder(),
            new Action.PrepareTakeOver(),
            new Action.Run(new PostgresOperation.Freeze(ended.epoch(), o.settings().parameters())));
  }

  /** A guardian may stand ready here though nothing is held yet. */
  static boolean underWay(Observation o, ClusterView view) {
    return view.leader().isPresent() && wish(o, view, view.leader().get()).isPresent();
  }

  private static Optional<Intent> wish(Observation o, ClusterView view, ClusterView.Leader leader) {
    return view.openIntent(Wish.PRIMARY_SLOT)
        .filter(i -> i.progress().state() == Intent.State.STOPPED)
        .filter(i -> i.progress().candidate().equals(Optional.of(o.self())))
        .filter(i -> i.progress().epoch().equals(leader.epoch()));
  }

  private static Decision decline(Intent intent, String why) {
    return act(
        why, new Action.Advance(intent.with(intent.progress().with(Intent.State.FAILED, why))));
  }

  private static Decision act(String reason, Action action) {
    return Decision.act(Decision.Code.SWITCHING_OVER, reason, action);
  }
}
