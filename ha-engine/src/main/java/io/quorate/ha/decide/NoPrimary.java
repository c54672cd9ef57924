package io.quorate.ha.decide;

import io.quorate.ha.decide.election.Ballot;
import io.quorate.ha.decide.election.Election;
import io.quorate.ha.decide.election.Round;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Nobody holds the key: stop receiving, pledge, count, and take it if one is the best. */
final class NoPrimary {

  private NoPrimary() {}

  static Decision decide(Observation o, Situation.NoPrimary situation, DecisionRules rules) {
    ClusterView view = situation.view();
    Epoch round = situation.ended().epoch();
    if (o.paused() && !ManualFailover.asked(view)) {
      return Pausing.leave("no automatic promotion");
    }
    if (madeTheCluster(o, situation.ended())) {
      return Decision.act(
          Decision.Code.STOPPING_TO_RECEIVE,
          "noting that the directory made is the cluster's",
          new Action.SaveState(o.durable().withUnfinished(Optional.empty())));
    }
    if (StrayDirectory.isNoted(o)) {
      return StrayDirectory.withoutPrimary(o, view);
    }
    if (o.durable().unfinished().isPresent()) {
      return Decision.hold(
          Decision.Code.NOT_ELIGIBLE,
          "an unfinished "
              + o.durable().unfinished().get()
              + " of the data directory: waiting for a primary to finish it from",
          Tick.SAFETY_NET);
    }
    return switch (o.postgres()) {
      case PostgresStatus.NoData _ ->
          Decision.hold(
              Decision.Code.NOTHING_TO_CLONE_FROM,
              "no data here and no primary to clone from",
              Tick.SAFETY_NET);
      case PostgresStatus.Stopped _ -> freeze(o, round, "starting to find the end of WAL");
      case PostgresStatus.Standby standby -> stand(o, view, situation.ended(), standby, rules);
      case PostgresStatus.Starting _ ->
          Decision.hold(
              Decision.Code.STOPPING_TO_RECEIVE, "PostgreSQL does not answer yet", Tick.SAFETY_NET);
      case PostgresStatus.Unresponsive(String reason) ->
          Decision.hold(
              Decision.Code.STOPPING_TO_RECEIVE,
              "PostgreSQL does not answer: " + reason,
              Tick.SAFETY_NET);
      case PostgresStatus.Primary _,
          PostgresStatus.None _,
          PostgresStatus.Unusable _,
          PostgresStatus.Unobserved _ ->
          Decision.hold(Decision.Code.STARTING, "looking at PostgreSQL", Tick.SAFETY_NET);
    };
  }

  /**
   * The first epoch was taken with the directory that this member made, and ended before that was
   * noted: nobody else has one.
   */
  private static boolean madeTheCluster(Observation o, EpochRecord ended) {
    boolean making =
        o.durable()
            .unfinished()
            .filter(unfinished ->
                switch (unfinished) {
                  case INITDB, ADOPT -> true;
                  case CLONE, REWIND, STRAY -> false;
                })
            .isPresent();
    return making
        && ended.cause() == EpochRecord.Cause.BOOTSTRAP
        && ended.holder().equals(o.self())
        && o.provenDataId().filter(ended.dataId()::equals).isPresent();
  }

  private static Decision freeze(Observation o, Epoch round, String why) {
    return Decision.act(
        Decision.Code.STOPPING_TO_RECEIVE,
        why + " for round " + round,
        new Action.Run(new PostgresOperation.Freeze(round, o.settings().parameters())));
  }

  private static Decision stand(
      Observation o,
      ClusterView view,
      EpochRecord ended,
      PostgresStatus.Standby standby,
      DecisionRules rules) {
    Epoch round = ended.epoch();
    boolean frozenNow =
        o.frozen().filter(frozen -> frozen.name().equals(round)).isPresent()
            && standby.upstream().equals(new Upstream.Frozen(round));
    if (!frozenNow) {
      return freeze(o, round, "the leader key is gone: stopping to receive");
    }
    NodeState noted = o.durable().withFloorAtLeast(round).asStandby();
    if (!noted.equals(o.durable())) {
      return Decision.act(
          Decision.Code.PLEDGING,
          "noting durably that this member receives from no epoch up to " + round,
          alsoReady(o, round, new Action.SaveState(noted)));
    }
    Optional<Decision> unproven = identity(o, view, standby);
    if (unproven.isPresent()) {
      return unproven.get();
    }
    DataId dataId = o.provenDataId().orElseThrow();
    FrozenWal frozen = o.frozen().orElseThrow();
    Pledge pledge =
        new Pledge(
            o.self(),
            round,
            dataId,
            frozen.end(),
            standby.replay(),
            o.tags().failoverPriority(),
            o.tags().mayBePrimary() && !yields(o, round),
            0);
    Pledge stored = view.pledges().get(o.self());
    if (stored == null || !says(stored, pledge)) {
      return Decision.act(
          Decision.Code.PLEDGING,
          "pledging for round " + round + " at " + frozen.end(),
          alsoReady(o, round, new Action.PublishPledge(pledge)));
    }
    return count(o, view, ended, stored, rules);
  }

  /**
   * While notes and pledges take their time there is time for what taking the key needs. In pause
   * nobody is guarded.
   */
  private static Action[] alsoReady(Observation o, Epoch round, Action action) {
    String occasion = "round " + round;
    boolean ready =
        o.prepared().equals(Optional.of(occasion))
            || !o.tags().mayBePrimary()
            || yields(o, round)
            || o.paused();
    return ready
        ? new Action[] {action}
        : new Action[] {action, new Action.PrepareTakeOver(occasion)};
  }

  /** What hung here is likely to hang again: others first. */
  private static boolean yields(Observation o, Epoch round) {
    Duration waited = o.leaderAbsentSince().map(at -> at.until(o.now())).orElse(Duration.ZERO);
    return o.hung().filter(round::equals).isPresent() && waited.compareTo(Tick.YIELD) < 0;
  }

  /** The same promise; replay may have moved since. */
  private static boolean says(Pledge stored, Pledge wanted) {
    return stored.round().equals(wanted.round())
        && stored.dataId().equals(wanted.dataId())
        && stored.end().equals(wanted.end())
        && stored.priority() == wanted.priority()
        && stored.mayBePrimary() == wanted.mayBePrimary();
  }

  private static Optional<Decision> identity(
      Observation o, ClusterView view, PostgresStatus.Standby standby) {
    if (o.provenDataId().isPresent()) {
      return Optional.empty();
    }
    boolean bothHere =
        o.durable().dataId().isPresent() && o.durable().dataId().equals(standby.dataId());
    if (bothHere && !view.dataIds().containsKey(o.self())) {
      return Optional.of(
          Decision.act(
              Decision.Code.PLEDGING,
              "telling the store which directory this is",
              new Action.PublishDataId(o.durable().dataId().get())));
    }
    return Optional.of(
        Decision.hold(
            Decision.Code.NOT_ELIGIBLE,
            "this directory ("
                + standby.dataId().map(DataId::value).orElse("unknown")
                + ") is not the one that the store knows ("
                + Optional.ofNullable(view.dataIds().get(o.self()))
                    .map(stored -> stored.dataId().value())
                    .orElse("none")
                + "): it does not pledge; it is taken back once there is a primary",
            Tick.SAFETY_NET));
  }

  private static Decision count(
      Observation o, ClusterView view, EpochRecord ended, Pledge own, DecisionRules rules) {
    Ballot ballot = Election.count(round(o, view, ended, rules));
    Optional<Decision> wished = ManualFailover.decide(o, view, ended, own, ballot);
    if (wished.isPresent()) {
      return wished.get();
    }
    return switch (ballot) {
      case Ballot.Incomplete incomplete ->
          new Decision(
              incomplete.ask().stream().<Action>map(Action.AskPeer::new).toList(),
              Decision.Code.WAITING_FOR_PLEDGES,
              incomplete.reason(),
              incomplete.wakeAfter());
      case Ballot.Nobody(String reason) ->
          Decision.hold(Decision.Code.NEEDS_OPERATOR, reason, Tick.SAFETY_NET);
      case Ballot.Others others ->
          Decision.hold(Decision.Code.NOT_THE_BEST, others.reason(), others.standInAfter());
      case Ballot.Mine mine -> take(o, view, ended, own, mine);
    };
  }

  private static Round round(
      Observation o, ClusterView view, EpochRecord ended, DecisionRules rules) {
    Duration waited = o.leaderAbsentSince().map(at -> at.until(o.now())).orElse(Duration.ZERO);
    Duration settled = o.pledgesChangedAt().map(at -> at.until(o.now())).orElse(waited);
    return new Round(
        o.self(),
        view,
        ended,
        o.leaderSeen(),
        waited,
        settled,
        o.peers(),
        o.settings(),
        rules.branchBeforePosition());
  }

  private static Decision take(
      Observation o, ClusterView view, EpochRecord ended, Pledge own, Ballot.Mine mine) {
    if (!o.viewConfirmed()) {
      return Decision.act(
          Decision.Code.CONFIRMING,
          "reading the cluster linearizably before taking the key",
          new Action.ConfirmView());
    }
    BootTime windowBegan = o.now().minus(o.settings().failoverWindow());
    List<BootTime> recent =
        o.recentFailovers().stream().filter(at -> windowBegan.isBefore(at)).toList();
    if (recent.size() >= o.settings().failoverLimit()) {
      return Decision.hold(
          Decision.Code.HOLDING_AGAINST_FLAPPING,
          recent.size()
              + " automatic failovers within "
              + o.settings().failoverWindow()
              + " (failover_limit): holding for "
              + o.now().until(recent.getFirst().plus(o.settings().failoverWindow())).toSeconds()
              + " s more, or until an operator decides",
          o.now().until(recent.getFirst().plus(o.settings().failoverWindow())));
    }
    return Decision.act(
        Decision.Code.ACQUIRING,
        "taking the key: " + mine.reason(),
        new Action.Acquire(
            new Acquisition(
                ended.epoch(),
                own.dataId(),
                own.end(),
                mine.counted(),
                nextTimeline(view, ended, mine.counted()),
                ended.sync(),
                cause(view, ended))));
  }

  private static EpochRecord.Cause cause(ClusterView view, EpochRecord ended) {
    return view.release()
        .filter(release -> release.epoch().equals(ended.epoch()))
        .map(release ->
            release.planned() ? EpochRecord.Cause.HANDED_OVER : EpochRecord.Cause.RELEASED)
        .orElse(EpochRecord.Cause.LEASE_EXPIRED);
  }

  /** Above every id reserved or seen before, also by a member that something else promoted. */
  static TimelineId nextTimeline(ClusterView view, EpochRecord ended, List<Pledge> pledges) {
    List<TimelineId> seen = new ArrayList<>(view.branches().keySet());
    seen.add(ended.timeline());
    view.members().values().stream().flatMap(m -> m.timeline().stream()).forEach(seen::add);
    Stream<TimelineId> pledged = pledges.stream().map(pledge -> pledge.end().timeline());
    return Stream.concat(seen.stream(), pledged)
        .max(TimelineId::compareTo)
        .orElse(TimelineId.FIRST)
        .next();
  }
}
