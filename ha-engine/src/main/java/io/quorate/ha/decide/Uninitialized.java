package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.ControlFacts;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.PostgresOperation;
import java.util.Optional;

/**
 * No cluster yet: one member wins the {@code initialize} key, makes the cluster (or brings the
 * directory that it has), and takes the key of the first epoch.
 */
final class Uninitialized {

  private Uninitialized() {}

  static Decision decide(Observation o, ClusterView view) {
    return switch (view.initialize()) {
      case ClusterView.Initialize.Absent() -> claim(o);
      case ClusterView.Initialize.InProgress(var by) when by.equals(o.self()) -> make(o);
      case ClusterView.Initialize.InProgress(var by) ->
          Decision.hold(
              Decision.Code.WAITING_FOR_INITIALIZE, by + " is making the cluster", Tick.SAFETY_NET);
      case ClusterView.Initialize.Complete(long id) ->
          Decision.hold(
              Decision.Code.WAITING_FOR_INITIALIZE,
              "the cluster "
                  + Long.toUnsignedString(id)
                  + " is made; waiting for its first primary",
              Tick.SAFETY_NET);
    };
  }

  private static Decision claim(Observation o) {
    return switch (o.postgres()) {
      case PostgresStatus.NoData _ -> race(o);
      case PostgresStatus.Stopped stopped ->
          isStandbys(stopped.control().state())
              ? Decision.hold(
                  Decision.Code.NOT_ELIGIBLE,
                  "no cluster yet, and postgresql.data_dir is a standby's, which may lack what its"
                      + " primary had: waiting for the member that has the primary's (to make the"
                      + " cluster from this one, promote it without Quorate and stop it)",
                  Tick.SAFETY_NET)
              : race(o);
      case PostgresStatus.Standby _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _,
          PostgresStatus.Primary _ ->
          alreadyRuns();
      case PostgresStatus.None _, PostgresStatus.Unusable _, PostgresStatus.Unobserved _ ->
          Decision.hold(Decision.Code.STARTING, "looking at PostgreSQL", Tick.SAFETY_NET);
    };
  }

  private static Decision race(Observation o) {
    return o.tags().mayBePrimary()
        ? Decision.act(
            Decision.Code.INITIALIZING,
            "no cluster yet: racing to make it",
            new Action.ClaimInitialize())
        : Decision.hold(
            Decision.Code.NOT_ELIGIBLE,
            "no cluster yet, and this member may not be primary",
            Tick.SAFETY_NET);
  }

  private static boolean isStandbys(ControlFacts.ClusterState state) {
    return switch (state) {
      case SHUT_DOWN_IN_RECOVERY, IN_ARCHIVE_RECOVERY -> true;
      case STARTING_UP, SHUT_DOWN, SHUTTING_DOWN, IN_CRASH_RECOVERY, IN_PRODUCTION -> false;
    };
  }

  private static Decision alreadyRuns() {
    return Decision.hold(
        Decision.Code.WRONG_DIRECTORY,
        "PostgreSQL already runs in postgresql.data_dir: stop it to have it taken over",
        Tick.SAFETY_NET);
  }

  private static Decision make(Observation o) {
    return switch (o.postgres()) {
      case PostgresStatus.NoData _, PostgresStatus.Stopped _ -> makeFromStopped(o);
      case PostgresStatus.Standby _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _,
          PostgresStatus.Primary _ ->
          alreadyRuns();
      case PostgresStatus.None _, PostgresStatus.Unusable _, PostgresStatus.Unobserved _ ->
          Decision.hold(Decision.Code.STARTING, "looking at PostgreSQL", Tick.SAFETY_NET);
    };
  }

  private static Decision makeFromStopped(Observation o) {
    boolean unfinished = o.durable().unfinished().equals(Optional.of(NodeState.Unfinished.INITDB));
    // Stamped last: a directory with the noted id is whole. The note of an initdb stays until this
    // member is the first primary, for the directory is of no use if another comes first.
    if (o.postgres() instanceof PostgresStatus.Stopped stopped
        && stopped.dataId().isPresent()
        && stopped.dataId().equals(o.durable().dataId())) {
      return Decision.act(
          Decision.Code.INITIALIZING,
          "taking the key of the first epoch",
          new Action.AcquireFirst(
              stopped.dataId().get(),
              stopped.control().systemIdentifier(),
              stopped.control().checkpointTimeline()));
    }
    boolean existing = o.postgres() instanceof PostgresStatus.Stopped && !unfinished;
    if (existing) {
      return o.durable().dataId().isEmpty()
          ? Decision.act(
              Decision.Code.INITIALIZING,
              "noting the identity of the directory found",
              new Action.SaveState(o.durable().withDataId(Optional.of(o.nextDataId()))))
          : Decision.act(
              Decision.Code.INITIALIZING,
              "taking over the directory found in postgresql.data_dir",
              new Action.Run(new PostgresOperation.Adopt(o.durable().dataId().get())));
    }
    if (!unfinished || o.durable().dataId().isEmpty()) {
      return Decision.act(
          Decision.Code.INITIALIZING,
          "noting that initdb begins",
          new Action.SaveState(
              o.durable()
                  .withDataId(Optional.of(o.nextDataId()))
                  .withUnfinished(Optional.of(NodeState.Unfinished.INITDB))));
    }
    return Decision.act(
        Decision.Code.INITIALIZING,
        "making the cluster with initdb",
        new Action.Run(new PostgresOperation.InitDb(o.durable().dataId().get())));
  }
}
