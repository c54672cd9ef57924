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
 * This member is the candidate of a switchover, and the primary has said where its WAL ends: see
 * that all of it is here, and take the key. What the stopped primary has said stands for its
 * pledge, which alone meets every set that may have acknowledged. Nothing can come after it: the
 * primary starts no more while the wish stands, and the acquisition compares the wish. Only a
 * member that lacks some of it, or does not follow that primary itself, stops receiving first.
 */
final class TakingOver {

  private TakingOver() {}

  static Optional<Decision> decide(
      Observation o, ClusterView view, ClusterView.Leader leader, DecisionRules rules) {
    Optional<Intent> mine =
        view.openIntent(Wish.PRIMARY_SLOT)
            .filter(i -> i.progress().candidate().equals(Optional.of(o.self())))
            .filter(i -> i.progress().epoch().equals(leader.epoch()));
    if (mine.isEmpty() || view.lastEpoch().isEmpty()) {
      return Optional.empty();
    }
    EpochRecord ended = view.lastEpoch().get();
    return switch (mine.get().progress().state()) {
      case STOPPING -> prepare(o, ended, mine.get());
      case STOPPED -> Optional.of(takeOver(o, view, ended, mine.get(), rules));
      case PENDING, PREPARING, HANDING_OVER, RUNNING, DONE, FAILED, CANCELLED -> Optional.empty();
    };
  }

  /** While the primary stops there is time for what takes some. */
  private static Optional<Decision> prepare(Observation o, EpochRecord ended, Intent intent) {
    return o.prepared().equals(Optional.of(intent.id()))
        ? Optional.empty()
        : Optional.of(
            act(
                "getting ready to take over from " + ended.holder(),
                new Action.PrepareTakeOver(intent.id())));
  }

  private static Decision takeOver(
      Observation o, ClusterView view, EpochRecord ended, Intent intent, DecisionRules rules) {
    Optional<DataId> dataId = o.provenDataId();
    if (!(o.postgres() instanceof PostgresStatus.Standby standby)
        || dataId.isEmpty()
        || o.durable().unfinished().isPresent()) {
      return decline(intent, "PostgreSQL on " + o.self() + " is not ready to be primary");
    }
    EndOfWal there = intent.progress().end().orElseThrow();
    boolean follows =
        standby.upstream().equals(new Upstream.Following(ended.holder(), ended.epoch()))
            && there.timeline().equals(ended.timeline());
    if (follows && !rules.waitsForAllWal()) {
      return take(o, view, ended, intent, there);
    }
    if (follows && o.caughtUp().equals(Optional.of(new FrozenWal(ended.epoch(), there)))) {
      return take(o, view, ended, intent, there);
    }
    if (follows && !failedSince(o, "catch up")) {
      return act(
          "seeing that all up to " + there + " is here",
          new Action.Run(new PostgresOperation.CatchUp(ended.epoch(), there, Tick.CATCH_UP)));
    }
    boolean frozenNow =
        o.frozen().filter(frozen -> frozen.name().equals(ended.epoch())).isPresent()
            && standby.upstream().equals(new Upstream.Frozen(ended.epoch()));
    return frozenNow
        ? take(o, view, ended, intent, o.frozen().orElseThrow().end())
        : freeze(o, ended, intent);
  }

  /** Since the primary has stopped: an earlier failure says nothing of this attempt. */
  private static boolean failedSince(Observation o, String operation) {
    return o.failure()
        .filter(f -> f.operation().equals(operation))
        .filter(f ->
            Optional.ofNullable(o.intentSince().get(Wish.PRIMARY_SLOT))
                .filter(f.retryAt()::isBefore)
                .isEmpty())
        .isPresent();
  }

  private static Decision take(
      Observation o, ClusterView view, EpochRecord ended, Intent intent, EndOfWal here) {
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
                o.provenDataId().orElseThrow(),
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
            new Action.Run(new PostgresOperation.Freeze(ended.epoch(), o.settings().parameters())));
  }

  private static Decision decline(Intent intent, String why) {
    return act(
        why, new Action.Advance(intent.with(intent.progress().with(Intent.State.FAILED, why))));
  }

  private static Decision act(String reason, Action action) {
    return Decision.act(Decision.Code.SWITCHING_OVER, reason, action);
  }
}
