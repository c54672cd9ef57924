package io.quorate.ha.decide;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.ControlFacts.ClusterState;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.PostgresOperation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A standby's directory that was started as a primary by something else: {@code standby.signal}
 * removed, or promoted by hand. What it then wrote stands on a timeline of the cluster's, or on one
 * that the cluster may come to use too, so that neither timelines nor positions tell it from the
 * cluster's WAL. It is known by what this member noted, and by the control file: a directory in
 * which PostgreSQL ran as a standby does not say that it was a primary's unless it became one.
 */
final class StrayDirectory {

  private static final Duration STOP_BOUND = Duration.ofSeconds(20);

  /** So often is the end of its WAL tried to be read: a rewind may have been cut off in it. */
  private static final int READ_ATTEMPTS = 5;

  private StrayDirectory() {}

  /** Whether a PostgreSQL that is writable without a lease was a standby of the cluster's. */
  static boolean runs(Observation o) {
    boolean broughtBack =
        o.durable()
            .unfinished()
            .filter(unfinished ->
                switch (unfinished) {
                  case CLONE, REWIND, STRAY -> true;
                  case INITDB, ADOPT -> false;
                })
            .isPresent();
    return (o.durable().standby() || broughtBack) && isOwn(o);
  }

  /** Whether it was that, is stopped, and this was not noted yet. */
  static boolean ran(Observation o) {
    return o.postgres() instanceof PostgresStatus.Stopped stopped
        && o.durable().standby()
        && o.durable().unfinished().isEmpty()
        && isOwn(o)
        && wasPrimary(stopped.control().state());
  }

  /** A directory put in its place is taken over as another one. */
  private static boolean isOwn(Observation o) {
    return o.durable().dataId().isPresent()
        && o.durable().dataId().equals(DirectoryFacts.dataId(o.postgres()));
  }

  private static boolean wasPrimary(ClusterState state) {
    return switch (state) {
      case IN_PRODUCTION, SHUT_DOWN, SHUTTING_DOWN, IN_CRASH_RECOVERY, STARTING_UP -> true;
      case SHUT_DOWN_IN_RECOVERY, IN_ARCHIVE_RECOVERY -> false;
    };
  }

  static boolean isNoted(Observation o) {
    return o.durable().unfinished().equals(Optional.of(NodeState.Unfinished.STRAY));
  }

  /** Ends it where it runs; each step alone leaves what the other needs to be seen again. */
  static Decision note(Observation o, String why) {
    List<Action> actions = new ArrayList<>();
    boolean runs = o.postgres() instanceof PostgresStatus.Primary;
    if (runs) {
      actions.add(new Action.Fence(why));
    }
    if (!isNoted(o)) {
      actions.add(
          new Action.SaveState(
              o.durable().withUnfinished(Optional.of(NodeState.Unfinished.STRAY))));
    }
    return new Decision(
        actions,
        runs ? Decision.Code.FENCING : Decision.Code.NOT_ELIGIBLE,
        (runs ? "ending PostgreSQL: " : "noting durably: ")
            + why
            + "; what it wrote is not the cluster's",
        Tick.SAFETY_NET);
  }

  /** Nobody is primary: it must not be taken for one that may become it. */
  static Decision withoutPrimary(Observation o, ClusterView view) {
    return view.pledges().containsKey(o.self())
        ? Decision.act(
            Decision.Code.NOT_ELIGIBLE,
            "withdrawing a pledge: the directory was written to since",
            new Action.WithdrawPledge())
        : Decision.hold(
            Decision.Code.NOT_ELIGIBLE,
            "PostgreSQL was started here as a primary by something else: what it wrote is not the"
                + " cluster's; waiting for a primary to come back from",
            Tick.SAFETY_NET);
  }

  /** Somebody started it again, as a standby: it must receive nothing as it is. */
  static Decision stop(Observation o) {
    return o.paused()
        ? Pausing.leave("a standby that was written to by something else runs and is not stopped")
        : Decision.act(
            Decision.Code.ATTACHING,
            "stopping a standby that was written to by something else: it is brought back first",
            new Action.Run(new PostgresOperation.Stop(false, STOP_BOUND)));
  }

  /** Stopped, and another member is primary. */
  static Decision comeBack(
      Observation o, ClusterView view, Branch branch, PostgresOperation.Source source) {
    Action read = new Action.ReadEndOfWal();
    if (o.stoppedEnd().isEmpty()) {
      return o.failure()
              .filter(f -> f.operation().equals(read.name()) && f.attempts() >= READ_ATTEMPTS)
              .isPresent()
          ? replace(o, "where its WAL ends cannot be read")
          : Decision.act(
              Decision.Code.ATTACHING,
              "finding where the WAL ends that something else wrote here",
              read);
    }
    EndOfWal end = o.stoppedEnd().get();
    return isClusters(view, end.timeline())
        ? replace(o, "it wrote on timeline " + end.timeline() + ", which is the cluster's too")
        : FollowingPrimary.attachOrRewind(o, view, branch, source, end);
  }

  /** Whether the cluster has used or reserved {@code timeline}: pg_rewind would see no fork. */
  private static boolean isClusters(ClusterView view, TimelineId timeline) {
    return view.branches().containsKey(timeline)
        || view.lastEpoch().map(EpochRecord::timeline).filter(timeline::equals).isPresent();
  }

  private static Decision replace(Observation o, String why) {
    String what = "PostgreSQL was started here as a primary by something else: " + why;
    return o.rejoin().rebuildAfterFailedRewind() || o.rejoin().rebuildWhenDiverged()
        ? FollowingPrimary.rebuild(what)
        : Decision.hold(
            Decision.Code.NEEDS_OPERATOR,
            what
                + ", so that pg_rewind cannot bring it back; save what is wanted of it, then run"
                + " quorate reinit "
                + o.self()
                + ", or set remove_data_directory_on_rewind_failure",
            Tick.SAFETY_NET);
  }
}
