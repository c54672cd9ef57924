package io.quorate.ha.decide;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.ControlFacts.ClusterState;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.PromotionNote;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import java.util.List;
import java.util.Optional;

/** What the world looks like once an action went well. Exhaustive over actions and operations. */
final class Effects {

  private Effects() {}

  static void apply(Facts f, Action action) {
    switch (action) {
      case Action.Run(PostgresOperation operation) -> run(f, operation);
      case Action.ReadEndOfWal() -> f.stoppedEnd = Optional.of(f.wal);
      case Action.SaveState(NodeState state) -> save(f, state);
      case Action.Fence _ -> {
        boolean silent =
            f.postgres instanceof PostgresStatus.Unresponsive
                || f.postgres instanceof PostgresStatus.Starting;
        if (silent && f.hold instanceof Hold.Held held) {
          f.hung = Optional.of(held.epoch());
        }
        fence(f);
      }
      case Action.ConfirmView() -> f.viewConfirmed = f.leader.isEmpty();
      case Action.AskPeer ask -> f.peers.put(ask.member(), f.members.containsKey(ask.member()));
      case Action.ClaimInitialize() -> f.initialize = new ClusterView.Initialize.InProgress(f.self);
      case Action.AcquireFirst first -> {
        acquired(
            f,
            first.dataId(),
            first.timeline(),
            new SyncRecord.Async(),
            EpochRecord.Cause.BOOTSTRAP);
        f.initialize = new ClusterView.Initialize.Complete(first.systemIdentifier());
        f.dataIds.put(f.self, new ClusterView.StoredDataId(first.dataId(), f.revision));
      }
      case Action.Acquire(Acquisition a, var _) -> {
        acquired(f, a.dataId(), a.timeline(), a.sync(), a.cause());
        f.durable =
            a.cause() == EpochRecord.Cause.RETAKEN
                ? f.durable
                : f.durable.withPromotion(
                    new PromotionNote(f.lastEpoch.orElseThrow().epoch(), a.end(), a.timeline()));
      }
      case Action.TakeOver(var intent, Acquisition a) -> {
        f.release =
            Optional.of(new ClusterView.Release(a.round(), "asked by " + intent.requester(), true));
        f.intent(
            intent.with(
                intent
                    .progress()
                    .with(io.quorate.ha.model.Intent.State.HANDING_OVER, "takes the key")));
        acquired(f, a.dataId(), a.timeline(), a.sync(), a.cause());
        f.guardianArmed = true;
        PromotionNote note =
            new PromotionNote(f.lastEpoch.orElseThrow().epoch(), a.end(), a.timeline());
        f.durable = f.durable.withPromotion(note);
      }
      case Action.PrepareTakeOver(String wish) -> f.prepared = Optional.of(wish);
      case Action.Advance(var next) -> f.intent(next);
      case Action.ResumeHold(NodeState.HoldNote note) -> resume(f, note);
      case Action.LetLapse lapse -> f.hold = new Hold.Lapsed(lapse.epoch(), lapse.why());
      case Action.Release release -> release(f, release);
      case Action.PublishPledge(Pledge pledge) -> f.pledge(withRevision(pledge, f.nextRevision()));
      case Action.WithdrawPledge() -> f.pledges.remove(f.self);
      case Action.PublishDataId(DataId id) -> {
        f.dataIds.put(f.self, new ClusterView.StoredDataId(id, f.nextRevision()));
        f.pledges.remove(f.self);
      }
      case Action.PublishBranch publish -> {
        publish.earlier().forEach(branch -> f.branches.put(branch.timeline(), branch));
        publish(f, publish.branch());
      }
      case Action.PublishLoss(Epoch epoch, FailoverReport.Loss loss) -> {
        f.failovers.computeIfPresent(epoch, (_, report) -> report.withLoss(loss));
      }
      case Action.KeepDiverged(Lsn from, EndOfWal to) ->
          f.loss =
              Optional.of(new FailoverReport.Loss.Range(from, to.lsn(), 3, Optional.of("kept")));
      case Action.ArmGuardian() -> f.guardianArmed = true;
      case Action.DisarmGuardian() -> f.guardianArmed = false;
      case Action.MoveStoreLeadership _ -> f.storeLeading = false;
      case Action.Exit() -> f.exited = true;
    }
    boolean replaced = action.name().equals("remove data") || action.name().equals("clone");
    f.failure = f.failure.filter(e -> !replaced && !e.operation().equals(action.name()));
  }

  private static void run(Facts f, PostgresOperation operation) {
    switch (operation) {
      case PostgresOperation.InitDb(DataId id) -> initialized(f, id);
      case PostgresOperation.Adopt(DataId id) -> {
        if (f.postgres instanceof PostgresStatus.Stopped stopped) {
          f.stopped(stopped.control().state(), Optional.of(id), true);
        }
        f.durable = f.durable.withUnfinished(Optional.empty());
      }
      case PostgresOperation.Clone(PostgresOperation.Source source, DataId id) -> {
        forgetWal(f);
        f.wal = upstreamEnd(f, source.epoch());
        f.stopped(ClusterState.IN_PRODUCTION, Optional.of(id), false);
      }
      case PostgresOperation.StartPrimary _ -> {
        forgetWal(f);
        f.runsAsPrimary(f.directory(), List.of());
      }
      case PostgresOperation.Freeze(Epoch round, var _) -> {
        forgetWal(f);
        f.runsAsStandby(new Upstream.Frozen(round), f.directory());
        f.frozen = Optional.of(new FrozenWal(round, f.wal));
      }
      case PostgresOperation.Follow(PostgresOperation.Source source, boolean _, var _) -> {
        forgetWal(f);
        f.rewoundTo = Optional.empty();
        f.wal = upstreamEnd(f, source.epoch());
        f.runsAsStandby(new Upstream.Following(source.member(), source.epoch()), f.directory());
      }
      case PostgresOperation.Promote(Epoch _, EndOfWal from, TimelineId timeline, var _) -> {
        forgetWal(f);
        f.wal = new EndOfWal(timeline, from.lsn());
        f.promoted =
            Optional.of(new OperationResult.Promoted(timeline, from.timeline(), from.lsn()));
        f.runsAsPrimary(f.directory(), List.of());
      }
      case PostgresOperation.Rewind(PostgresOperation.Source source, Branch _, EndOfWal _) -> {
        forgetWal(f);
        f.wal = upstreamEnd(f, source.epoch());
        f.rewoundTo = Optional.of(source.epoch());
        f.stopped(ClusterState.IN_ARCHIVE_RECOVERY, f.directory(), true);
      }
      case PostgresOperation.RemoveData _ -> {
        forgetWal(f);
        f.postgres(new PostgresStatus.NoData());
      }
      case PostgresOperation.Stop _ ->
          f.stopped(
              f.postgres instanceof PostgresStatus.Primary
                  ? ClusterState.SHUT_DOWN
                  : ClusterState.SHUT_DOWN_IN_RECOVERY,
              f.directory(),
              true);
      case PostgresOperation.HandOver _ -> {
        f.stopped(ClusterState.SHUT_DOWN, f.directory(), true);
        f.stoppedEnd = Optional.of(f.wal);
      }
      case PostgresOperation.CatchUp(Epoch epoch, EndOfWal end, var _) ->
          f.caughtUp = Optional.of(new FrozenWal(epoch, end));
      case PostgresOperation.Reload reload ->
          f.reloaded = Optional.of(new Observation.Reloaded(reload.wish(), "all"));
      case PostgresOperation.Checkpoint _ -> f.checkpointAt = Optional.of(f.now);
      case PostgresOperation.EnsureSlots slots ->
          f.runsAsPrimary(f.directory(), slots.names().stream().map(LocalLines::slot).toList());
    }
  }

  private static EndOfWal upstreamEnd(Facts f, Epoch epoch) {
    return f.branches.values().stream()
        .filter(branch -> branch.epoch().equals(epoch))
        .findFirst()
        .map(branch -> new EndOfWal(branch.timeline(), f.wal.lsn().max(branch.fork())))
        .orElse(f.wal);
  }

  private static void forgetWal(Facts f) {
    f.frozen = Optional.empty();
    f.caughtUp = Optional.empty();
    f.stoppedEnd = Optional.empty();
    f.loss = Optional.empty();
  }

  private static void initialized(Facts f, DataId id) {
    forgetWal(f);
    f.stopped(ClusterState.SHUT_DOWN, Optional.of(id), false);
  }

  private static void save(Facts f, NodeState state) {
    boolean ended =
        state.hold().isEmpty() && (f.hold instanceof Hold.Lapsed || f.durable.hold().isPresent());
    f.durable = state;
    if (ended) {
      f.hold = new Hold.NotHeld();
    }
  }

  private static void fence(Facts f) {
    boolean nothing =
        f.postgres instanceof PostgresStatus.NoData
            || f.postgres instanceof PostgresStatus.Stopped
            || f.postgres instanceof PostgresStatus.Unusable;
    if (!nothing) {
      Optional<DataId> directory = f.directory().or(() -> f.durable.dataId());
      f.stopped(ClusterState.IN_PRODUCTION, directory, true);
    }
  }

  private static void acquired(
      Facts f, DataId dataId, TimelineId timeline, SyncRecord sync, EpochRecord.Cause cause) {
    Epoch epoch = new Epoch(f.nextRevision());
    long lease = 100 + epoch.value();
    f.lastEpoch = Optional.of(new EpochRecord(epoch, f.self, dataId, timeline, sync, cause));
    f.leader(Optional.of(new ClusterView.Leader(f.self, epoch, lease)));
    f.hold = new Hold.Held(epoch, f.now.plus(f.settings.timings().holdFor()));
    f.pendingLease = lease;
    f.promoted = Optional.empty();
    f.durable = f.durable.withHold(Optional.of(new NodeState.HoldNote(epoch, lease)));
  }

  private static void resume(Facts f, NodeState.HoldNote note) {
    boolean stands = f.leader.filter(l -> l.epoch().equals(note.epoch())).isPresent();
    f.durable = f.durable.withHold(Optional.of(note));
    f.hold =
        stands
            ? new Hold.Held(note.epoch(), f.now.plus(f.settings.timings().holdFor()))
            : new Hold.Lapsed(note.epoch(), "the hold is gone");
  }

  private static void release(Facts f, Action.Release release) {
    f.release =
        Optional.of(new ClusterView.Release(release.epoch(), release.why(), release.leaving()));
    f.hold = new Hold.NotHeld();
    f.durable = f.durable.withHold(Optional.empty());
    f.leader(Optional.empty());
    if (release.leaving()) {
      f.members.remove(f.self);
    }
  }

  private static void publish(Facts f, Branch branch) {
    f.branches.put(branch.timeline(), branch);
    f.failovers.put(
        branch.epoch(),
        new FailoverReport(
            branch.epoch(),
            "the lease ran out",
            "2026-11-22T12:00:00Z",
            Optional.of(Facts.DB1),
            f.self,
            branch.parent(),
            branch.timeline(),
            branch.fork(),
            new java.util.TreeMap<>(),
            new FailoverReport.Loss.NotYetKnown()));
    f.published = f.published.or(() -> Optional.of(Lsn.INVALID));
  }

  private static Pledge withRevision(Pledge p, long revision) {
    return new Pledge(
        p.member(),
        p.round(),
        p.dataId(),
        p.end(),
        p.replay(),
        p.priority(),
        p.mayBePrimary(),
        revision);
  }
}
