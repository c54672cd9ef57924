package io.quorate.ha.decide;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.port.PostgresOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** An action as a golden file shows it: its name, then all that it carries. */
final class ActionText {

  private ActionText() {}

  static String of(Action action, NodeState durable) {
    String detail =
        switch (action) {
          case Action.Run(PostgresOperation operation) -> operation(operation);
          case Action.PrepareTakeOver _,
              Action.ReadEndOfWal _,
              Action.ConfirmView _,
              Action.ClaimInitialize _,
              Action.WithdrawPledge _,
              Action.ArmGuardian _,
              Action.DisarmGuardian _,
              Action.AskPeer _,
              Action.Exit _ ->
              "";
          case Action.SaveState(NodeState state) -> changes(durable, state);
          case Action.KeepDiverged(var from, var to) -> "from %s, ends at %s".formatted(from, to);
          case Action.Fence(String why) -> quoted(why);
          case Action.AcquireFirst first ->
              "first, data %s, system %d, timeline %s"
                  .formatted(first.dataId(), first.systemIdentifier(), first.timeline());
          case Action.Acquire(Acquisition a, var wish) ->
              acquisition(a)
                  + wish.map(w -> " while wish of revision %d stands".formatted(w.revision()))
                      .orElse("");
          case Action.TakeOver(var intent, Acquisition a) ->
              "wish of revision %d, %s".formatted(intent.revision(), acquisition(a));
          case Action.Advance(var next) ->
              "%s of revision %d is %s%s %s"
                  .formatted(
                      next.wish().slot(),
                      next.revision(),
                      next.progress().state(),
                      next.progress().code().map(code -> " (" + code + ")").orElse(""),
                      quoted(next.progress().reason()));
          case Action.ResumeHold(NodeState.HoldNote note) ->
              "epoch %s, lease %d".formatted(note.epoch(), note.leaseId());
          case Action.LetLapse lapse -> "epoch %s %s".formatted(lapse.epoch(), quoted(lapse.why()));
          case Action.Release release ->
              "epoch %s%s %s"
                  .formatted(
                      release.epoch(), release.leaving() ? ", leaving" : "", quoted(release.why()));
          case Action.PublishPledge(Pledge p) ->
              "round %s, data %s, %s, replayed %s, priority %d%s"
                  .formatted(
                      p.round(),
                      p.dataId(),
                      p.end(),
                      p.replay(),
                      p.priority(),
                      p.mayBePrimary() ? "" : ", may not be primary");
          case Action.PublishDataId publish -> publish.dataId().value();
          case Action.PublishBranch publish ->
              branch(publish.branch())
                  + publish.earlier().stream()
                      .map(earlier -> ", and " + branch(earlier))
                      .collect(Collectors.joining());
          case Action.PublishLoss publish ->
              "of epoch %s: %s".formatted(publish.epoch(), loss(publish.loss()));
          case Action.MoveStoreLeadership move -> "to " + move.to();
        };
    return detail.isEmpty() ? action.name() : action.name() + ": " + detail;
  }

  private static String operation(PostgresOperation operation) {
    return switch (operation) {
      case PostgresOperation.InitDb initDb -> "data " + initDb.dataId();
      case PostgresOperation.Adopt adopt -> "data " + adopt.dataId();
      case PostgresOperation.Clone clone ->
          "%s, data %s".formatted(source(clone.source()), clone.dataId());
      case PostgresOperation.StartPrimary start -> parameters(start.parameters());
      case PostgresOperation.Freeze freeze ->
          "named %s%s".formatted(freeze.round(), parameters(freeze.parameters()));
      case PostgresOperation.Follow follow ->
          source(follow.source())
              + (follow.slot() ? "" : ", without a slot")
              + parameters(follow.parameters());
      case PostgresOperation.Promote promote ->
          "epoch %s, from %s, to timeline %s%s"
              .formatted(
                  promote.epoch(),
                  promote.from(),
                  promote.timeline(),
                  promote.handedOver() ? ", handed over" : "");
      case PostgresOperation.Rewind rewind ->
          "%s, ends at %s, back to %s"
              .formatted(source(rewind.source()), rewind.localEnd(), branch(rewind.branch()));
      case PostgresOperation.RemoveData remove -> quoted(remove.reason());
      case PostgresOperation.Stop stop ->
          "within %d s%s"
              .formatted(
                  stop.bound().toSeconds(), stop.checkpointFirst() ? ", checkpoint first" : "");
      case PostgresOperation.HandOver handOver ->
          "within %d s".formatted(handOver.bound().toSeconds());
      case PostgresOperation.CatchUp catchUp ->
          "with epoch %s up to %s within %d ms"
              .formatted(catchUp.epoch(), catchUp.end(), catchUp.bound().toMillis());
      case PostgresOperation.Reload reload -> parameters(reload.parameters());
      case PostgresOperation.Checkpoint checkpoint ->
          "within %d s".formatted(checkpoint.bound().toSeconds());
      case PostgresOperation.EnsureSlots slots -> slots.names().toString();
    };
  }

  private static String source(PostgresOperation.Source source) {
    return "%s at %s:%d, epoch %s"
        .formatted(source.member(), source.host(), source.port(), source.epoch());
  }

  private static String parameters(Map<String, String> parameters) {
    return parameters.isEmpty() ? "" : ", with " + new TreeMap<>(parameters);
  }

  private static String acquisition(Acquisition a) {
    return "round %s, data %s, %s, to timeline %s, %s, %s, counting %s"
        .formatted(
            a.round(),
            a.dataId(),
            a.end(),
            a.timeline(),
            sync(a.sync()),
            a.cause(),
            a.counted().stream()
                .map(p -> p.member() + "@" + p.revision())
                .collect(Collectors.joining(" ")));
  }

  static String sync(SyncRecord record) {
    return switch (record) {
      case SyncRecord.Async() -> "async";
      case SyncRecord.Quorum quorum ->
          quorum.voters().isEmpty()
              ? "alone"
              : "any " + quorum.k() + " of " + quorum.voters().keySet();
    };
  }

  private static String branch(Branch b) {
    return "timeline %s of epoch %s off %s at %s"
        .formatted(b.timeline(), b.epoch(), b.parent(), b.fork());
  }

  private static String loss(FailoverReport.Loss loss) {
    return switch (loss) {
      case FailoverReport.Loss.NotYetKnown() -> "not yet known";
      case FailoverReport.Loss.None() -> "nothing";
      case FailoverReport.Loss.CannotBeKnown(String why) -> "cannot be known: " + why;
      case FailoverReport.Loss.Range range ->
          "%d commits from %s to %s".formatted(range.commits(), range.from(), range.to());
    };
  }

  private static String changes(NodeState before, NodeState after) {
    List<String> changes = new ArrayList<>();
    if (!before.dataId().equals(after.dataId())) {
      changes.add("data " + text(after.dataId()));
    }
    if (!before.floor().equals(after.floor())) {
      changes.add("floor " + after.floor());
    }
    if (!before.hold().equals(after.hold())) {
      changes.add("hold " + text(after.hold().map(h -> h.epoch() + " lease " + h.leaseId())));
    }
    if (!before.unfinished().equals(after.unfinished())) {
      changes.add("unfinished " + text(after.unfinished()).toLowerCase(Locale.ROOT));
    }
    if (before.paused() != after.paused()) {
      changes.add(after.paused() ? "paused" : "no longer paused");
    }
    if (!before.standby() && after.standby()) {
      changes.add("standby");
    }
    after.promotions().stream()
        .filter(note -> !before.promotions().contains(note))
        .map(n -> "epoch %s promotes from %s to timeline %s".formatted(n.epoch(), n.from(), n.to()))
        .forEach(changes::add);
    return changes.isEmpty() ? "nothing new" : String.join(", ", changes);
  }

  private static String text(Optional<?> value) {
    return value.map(Object::toString).orElse("none");
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }
}
