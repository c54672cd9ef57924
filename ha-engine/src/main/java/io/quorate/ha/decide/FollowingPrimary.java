package io.quorate.ha.decide;

import io.quorate.ha.decide.rejoin.DivergenceCheck;
import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.PostgresOperation;
import java.util.Optional;

/** Another member is primary: this one receives from it, after proof, or comes back to it. */
final class FollowingPrimary {

  /** How often the diverged WAL is tried to be read before its loss counts as unknown. */
  private static final int KEEP_ATTEMPTS = 5;

  /** What an operation says that failed for want of room. */
  private static final String FULL = "disk is full";

  private FollowingPrimary() {}

  static Decision decide(Observation o, Situation.FollowingPrimary situation, DecisionRules rules) {
    ClusterView view = situation.view();
    ClusterView.Leader leader = situation.leader();
    if (leader.holder().equals(o.self())) {
      return Decision.hold(
          Decision.Code.WAITING_FOR_BRANCH,
          "the key stands under an earlier run of this agent: waiting for it to end",
          Tick.SAFETY_NET);
    }
    Optional<Decision> wished =
        TakingOver.decide(o, view, leader, rules).or(() -> OwnWishes.decide(o, view));
    if (wished.isPresent()) {
      return wished.get();
    }
    Upstream wanted = new Upstream.Following(leader.holder(), leader.epoch());
    if (StrayDirectory.isNoted(o) && o.postgres() instanceof PostgresStatus.Standby) {
      return StrayDirectory.stop(o);
    }
    boolean follows =
        o.postgres() instanceof PostgresStatus.Standby s && s.upstream().equals(wanted);
    Optional<Decision> identity = OwnDirectory.toSettle(o, view, follows);
    if (identity.isPresent()) {
      return identity.get();
    }
    if (follows && o.postgres() instanceof PostgresStatus.Standby standby) {
      return attached(o, view, leader, standby);
    }
    Optional<Branch> branch = view.branchOf(leader.epoch());
    Optional<MemberInfo> upstream = Optional.ofNullable(view.members().get(leader.holder()));
    if (branch.isEmpty() || upstream.isEmpty()) {
      return Decision.hold(
          Decision.Code.WAITING_FOR_BRANCH,
          leader.holder() + " holds the key of epoch " + leader.epoch() + " and is not serving yet",
          Tick.SAFETY_NET);
    }
    PostgresOperation.Source source =
        new PostgresOperation.Source(
            leader.holder(), upstream.get().host(), upstream.get().port(), leader.epoch());
    boolean down =
        o.postgres() instanceof PostgresStatus.NoData
            || o.postgres() instanceof PostgresStatus.Stopped;
    if (o.paused() && down && !Pausing.stoppedByWish(o, view)) {
      return Pausing.leave("PostgreSQL is stopped and is not started");
    }
    return switch (o.postgres()) {
      case PostgresStatus.NoData _ -> clone(o, view, source);
      case PostgresStatus.Stopped stopped -> stopped(o, view, branch.get(), source, stopped);
      case PostgresStatus.Standby _ -> standby(o, view, branch.get(), source);
      case PostgresStatus.Starting _ ->
          Decision.hold(Decision.Code.ATTACHING, "PostgreSQL does not answer yet", Tick.SAFETY_NET);
      case PostgresStatus.Unresponsive(String reason) ->
          Decision.hold(
              Decision.Code.ATTACHING, "PostgreSQL does not answer: " + reason, Tick.SAFETY_NET);
      case PostgresStatus.Primary _,
          PostgresStatus.None _,
          PostgresStatus.Unusable _,
          PostgresStatus.Unobserved _ ->
          Decision.hold(Decision.Code.STARTING, "looking at PostgreSQL", Tick.SAFETY_NET);
    };
  }

  private static Decision attached(
      Observation o, ClusterView view, ClusterView.Leader leader, PostgresStatus.Standby standby) {
    // Told before a directory is touched; where it was not, the marker says that it may be much.
    FailoverReport.Loss loss =
        o.durable().unfinished().isPresent()
            ? new FailoverReport.Loss.CannotBeKnown("its directory was brought back untold")
            : new FailoverReport.Loss.None();
    Optional<Action> report = OwnLosses.toReport(o, view, loss);
    if (report.isPresent()) {
      return Decision.act(
          Decision.Code.FOLLOWING, "reporting what the failover cost", report.get());
    }
    if (o.durable().unfinished().isPresent()) {
      return Decision.act(
          Decision.Code.ATTACHING,
          "noting that the directory is whole again",
          new Action.SaveState(o.durable().withUnfinished(Optional.empty()).asStandby()));
    }
    if (!o.durable().standby()) {
      return Decision.act(
          Decision.Code.ATTACHING,
          "noting durably that PostgreSQL is a standby here",
          new Action.SaveState(o.durable().asStandby()));
    }
    if (standby.replayStop().isPresent()) {
      return ReplayStop.decide(o, standby.replayStop().get());
    }
    return Decision.hold(
        Decision.Code.FOLLOWING,
        standby.streaming()
            ? "streaming from " + leader.holder()
            : "attached to "
                + leader.holder()
                + ", not streaming now: "
                + standby
                    .receiverProblem()
                    .orElse("PostgreSQL's log says why (postgresql.log in state_dir)"),
        Tick.SAFETY_NET);
  }

  private static Decision clone(Observation o, ClusterView view, PostgresOperation.Source source) {
    Optional<Action> unknown =
        OwnLosses.toReport(
            o, view, new FailoverReport.Loss.CannotBeKnown("its data directory is gone"));
    if (unknown.isPresent()) {
      return Decision.act(
          Decision.Code.CLONING, "reporting that a loss cannot be known", unknown.get());
    }
    boolean begun = o.durable().unfinished().equals(Optional.of(NodeState.Unfinished.CLONE));
    if (!begun || o.durable().dataId().isEmpty()) {
      return Decision.act(
          Decision.Code.CLONING,
          "noting that a base backup begins",
          new Action.SaveState(
              o.durable()
                  .withDataId(Optional.of(o.nextDataId()))
                  .withUnfinished(Optional.of(NodeState.Unfinished.CLONE))));
    }
    boolean told =
        Optional.ofNullable(view.dataIds().get(o.self()))
            .filter(stored -> o.durable().dataId().equals(Optional.of(stored.dataId())))
            .isPresent();
    if (!told) {
      return Decision.act(
          Decision.Code.CLONING,
          "telling the store which directory this will be",
          new Action.PublishDataId(o.durable().dataId().get()));
    }
    return Decision.act(
        Decision.Code.CLONING,
        "cloning from " + source.member(),
        new Action.Run(new PostgresOperation.Clone(source, o.durable().dataId().get())));
  }

  private static Decision stopped(
      Observation o,
      ClusterView view,
      Branch branch,
      PostgresOperation.Source source,
      PostgresStatus.Stopped stopped) {
    if (o.rewoundTo().filter(source.epoch()::equals).isPresent()) {
      if (StrayDirectory.isNoted(o)) {
        return Decision.act(
            Decision.Code.REWINDING,
            "noting that what something else wrote is rewound",
            new Action.SaveState(
                o.durable().withUnfinished(Optional.of(NodeState.Unfinished.REWIND))));
      }
      return follow(o, source, "the directory was rewound to it");
    }
    if (StrayDirectory.isNoted(o)) {
      return StrayDirectory.comeBack(o, view, branch, source);
    }
    Optional<NodeState.Unfinished> unfinished = o.durable().unfinished();
    if (unfinished.equals(Optional.of(NodeState.Unfinished.CLONE))) {
      return stopped.dataId().isPresent() && stopped.dataId().equals(o.durable().dataId())
          ? Decision.act(
              Decision.Code.CLONING,
              "noting that the base backup is whole",
              new Action.SaveState(o.durable().withUnfinished(Optional.empty())))
          : clone(o, view, source);
    }
    if (unfinished.equals(Optional.of(NodeState.Unfinished.REWIND))) {
      if (cannotRewind(o)) {
        return afterFailedRewind(o, "a rewind was begun");
      }
      return rewindAnyway(o, view, branch, source);
    }
    if (unfinished.equals(Optional.of(NodeState.Unfinished.INITDB))) {
      return rebuild("this member began to make a cluster and another was faster");
    }
    if (o.frozen().isEmpty() && o.stoppedEnd().isEmpty()) {
      return switch (stopped.control().state()) {
        // A primary's directory is never started before it is known where its WAL ends.
        case IN_PRODUCTION, SHUT_DOWN, SHUTTING_DOWN, IN_CRASH_RECOVERY, STARTING_UP ->
            Decision.act(
                Decision.Code.ATTACHING,
                "finding where the WAL in this directory ends",
                new Action.ReadEndOfWal());
        case SHUT_DOWN_IN_RECOVERY, IN_ARCHIVE_RECOVERY -> freeze(o, source.epoch());
      };
    }
    return attachOrRewind(
        o,
        view,
        branch,
        source,
        o.stoppedEnd().or(() -> o.frozen().map(FrozenWal::end)).orElseThrow());
  }

  private static Decision standby(
      Observation o, ClusterView view, Branch branch, PostgresOperation.Source source) {
    boolean frozenNow =
        o.frozen().isPresent()
            && o.postgres() instanceof PostgresStatus.Standby standby
            && standby.upstream().equals(new Upstream.Frozen(o.frozen().get().name()));
    if (!frozenNow) {
      return freeze(o, source.epoch());
    }
    return attachOrRewind(o, view, branch, source, o.frozen().orElseThrow().end());
  }

  private static Decision freeze(Observation o, Epoch name) {
    return Decision.act(
        Decision.Code.ATTACHING,
        "stopping to receive, to prove where the WAL ends before attaching to epoch " + name,
        new Action.Run(new PostgresOperation.Freeze(name, o.settings().parameters())));
  }

  /** The stopped, or frozen, PostgreSQL attaches, or is brought back first. */
  static Decision attachOrRewind(
      Observation o,
      ClusterView view,
      Branch branch,
      PostgresOperation.Source source,
      EndOfWal end) {
    DivergenceCheck.Verdict verdict =
        DivergenceCheck.check(end, branch, view.branches(), o.durable().promotions());
    return switch (verdict) {
      case DivergenceCheck.Verdict.OnBranch() ->
          follow(o, source, end + " lies on timeline " + branch.timeline());
      case DivergenceCheck.Verdict.Diverged diverged -> {
        Optional<Decision> keep = keepDiverged(o, view, diverged.fork(), end);
        if (keep.isPresent()) {
          yield keep.get();
        }
        if (cannotRewind(o)) {
          yield afterFailedRewind(o, "diverged (" + diverged.why() + ")");
        }
        if (o.rejoin().rewind()) {
          yield rewind(o, lostBranch(view, branch, diverged), source, end);
        }
        yield o.rejoin().rebuildWhenDiverged()
            ? rebuild("diverged: " + diverged.why())
            : Decision.hold(
                Decision.Code.NEEDS_OPERATOR,
                "diverged ("
                    + diverged.why()
                    + ") and use_pg_rewind is off; set it, or"
                    + " remove_data_directory_on_diverged_timelines, or move the directory away",
                Tick.SAFETY_NET);
      }
    };
  }

  /**
   * A rewind was noted as begun: whatever stands in the directory now, it is rewound before it is
   * started. Where an earlier run of the agent began it, where its WAL ended is not known any more.
   */
  private static Decision rewindAnyway(
      Observation o, ClusterView view, Branch branch, PostgresOperation.Source source) {
    Optional<EndOfWal> end = o.stoppedEnd().or(() -> o.frozen().map(FrozenWal::end));
    if (end.isPresent()
        && DivergenceCheck.check(end.get(), branch, view.branches(), o.durable().promotions())
            instanceof DivergenceCheck.Verdict.Diverged diverged) {
      return rewind(o, lostBranch(view, branch, diverged), source, end.get());
    }
    return rewind(o, branch, source, new EndOfWal(branch.parent(), branch.fork()));
  }

  /** What will be lost is kept, counted and reported before the directory is touched. */
  private static Optional<Decision> keepDiverged(
      Observation o, ClusterView view, Lsn from, EndOfWal to) {
    Action keep = new Action.KeepDiverged(from, to);
    Optional<OperationFailure> failed =
        o.failure().filter(f -> f.operation().equals(keep.name()) && f.attempts() >= KEEP_ATTEMPTS);
    if (o.loss().isEmpty() && failed.filter(f -> f.reason().contains(FULL)).isPresent()) {
      // For want of room nothing is thrown away: room can be made.
      return Optional.of(Decision.act(Decision.Code.NEEDS_OPERATOR, failed.get().reason(), keep));
    }
    if (o.loss().isEmpty() && failed.isEmpty()) {
      return Optional.of(
          Decision.act(
              Decision.Code.REWINDING, "keeping the WAL from " + from + " to " + to, keep));
    }
    FailoverReport.Loss loss =
        o.loss()
            .orElseGet(() ->
                new FailoverReport.Loss.CannotBeKnown(
                    failed.map(OperationFailure::reason).orElse("")));
    return OwnLosses.toReport(o, view, loss, to)
        .map(report ->
            Decision.act(Decision.Code.REWINDING, "reporting what coming back will cost", report));
  }

  /** The upstream's branch, with the point at which this member's WAL left its history. */
  private static Branch lostBranch(
      ClusterView view, Branch upstream, DivergenceCheck.Verdict.Diverged diverged) {
    Branch lostTo =
        view.branches().values().stream()
            .filter(b -> b.epoch().equals(diverged.lostTo()))
            .findFirst()
            .orElse(upstream);
    return new Branch(upstream.epoch(), upstream.timeline(), lostTo.parent(), diverged.fork());
  }

  private static Decision rewind(
      Observation o, Branch branch, PostgresOperation.Source source, EndOfWal end) {
    boolean begun =
        o.durable().unfinished().equals(Optional.of(NodeState.Unfinished.REWIND))
            || StrayDirectory.isNoted(o);
    if (!begun) {
      return o.view().filter(v -> v.pledges().containsKey(o.self())).isPresent()
          ? Decision.act(
              Decision.Code.REWINDING,
              "withdrawing the pledge before the directory is rewound",
              new Action.WithdrawPledge())
          : Decision.act(
              Decision.Code.REWINDING,
              "noting that a rewind begins",
              new Action.SaveState(
                  o.durable().withUnfinished(Optional.of(NodeState.Unfinished.REWIND))));
    }
    return Decision.act(
        Decision.Code.REWINDING,
        "rewinding to " + source.member() + " from " + end + " back to " + branch.fork(),
        new Action.Run(new PostgresOperation.Rewind(source, branch, end)));
  }

  private static boolean cannotRewind(Observation o) {
    return o.failure()
        .filter(f -> f.operation().equals("rewind"))
        .filter(OperationFailure::needsRebuild)
        .isPresent();
  }

  private static Decision afterFailedRewind(Observation o, String situation) {
    String reason = o.failure().map(OperationFailure::reason).orElse("");
    return o.rejoin().rebuildAfterFailedRewind()
        ? rebuild("pg_rewind cannot bring it back: " + reason)
        : Decision.hold(
            Decision.Code.NEEDS_OPERATOR,
            situation
                + " and pg_rewind failed: "
                + reason
                + "; set remove_data_directory_on_rewind_failure, or move the directory away",
            Tick.SAFETY_NET);
  }

  /** The directory is replaced by a new copy. */
  static Decision rebuild(String why) {
    return Decision.act(
        Decision.Code.REBUILDING,
        "moving the data directory aside to clone anew: " + why,
        new Action.Run(new PostgresOperation.RemoveData(why)));
  }

  private static Decision follow(Observation o, PostgresOperation.Source source, String proof) {
    Epoch floor = source.epoch().before();
    if (o.durable().floor().isAfter(floor)) {
      return Decision.hold(
          Decision.Code.NEEDS_OPERATOR,
          "this member has pledged not to follow epoch " + source.epoch(),
          Tick.SAFETY_NET);
    }
    if (floor.isAfter(o.durable().floor())) {
      return Decision.act(
          Decision.Code.ATTACHING,
          "noting durably that no earlier epoch than " + source.epoch() + " is followed",
          new Action.SaveState(
              o.postgres() instanceof PostgresStatus.Standby
                  ? o.durable().withFloorAtLeast(floor).asStandby()
                  : o.durable().withFloorAtLeast(floor)));
    }
    return Decision.act(
        Decision.Code.ATTACHING,
        "attaching to " + source.member() + " of epoch " + source.epoch() + ": " + proof,
        new Action.Run(
            new PostgresOperation.Follow(
                source, o.settings().useSlots(), o.settings().parameters())));
  }
}
