package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.PostgresOperation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The agent ends. A member that stops alone hands over first: the others take the key the moment it
 * is given back. A cluster that stops does not: standbys first, the primary last.
 */
final class Stopping {

  private Stopping() {}

  static Decision decide(Observation o) {
    if (o.postgres() instanceof PostgresStatus.None) {
      return Witnessing.stop(o);
    }
    if (o.paused()) {
      return o.guardianArmed()
          ? Decision.act(
              Decision.Code.STOPPING,
              "paused: sending the guardian home, PostgreSQL goes on",
              new Action.DisarmGuardian())
          : Decision.act(
              Decision.Code.STOPPED,
              "paused: the agent ends, PostgreSQL and the key are left as they are",
              new Action.Exit());
    }
    return switch (o.postgres()) {
      case PostgresStatus.Primary _ -> stopPrimary(o);
      case PostgresStatus.Standby _, PostgresStatus.Starting _ -> stopNow(o, "stopping PostgreSQL");
      case PostgresStatus.Unresponsive(String reason) ->
          Decision.act(
              Decision.Code.STOPPING,
              "ending a PostgreSQL that does not answer: " + reason,
              new Action.Fence("the agent stops"));
      case PostgresStatus.Stopped _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Unobserved _ ->
          leave(o);
    };
  }

  private static Decision stopPrimary(Observation o) {
    if (o.stop() == StopRequest.CLUSTER) {
      List<String> running =
          o.view().stream()
              .flatMap(view -> view.members().values().stream())
              .filter(member -> !member.name().equals(o.self()) && !member.isWitness())
              .filter(member -> mayRun(member.state()))
              .map(member -> member.name().value())
              .toList();
      Duration waited = waited(o);
      if (!running.isEmpty() && waited.compareTo(Tick.STANDBYS_FIRST) < 0) {
        return Decision.hold(
            Decision.Code.STOPPING,
            "the cluster stops: waiting for " + running + " to stop first",
            Tick.STANDBYS_FIRST.minus(waited));
      }
    } else if (waited(o).compareTo(Tick.LEADERSHIP_FIRST) < 0) {
      Optional<Decision> first = storeFirst(o);
      if (first.isPresent()) {
        return first.get();
      }
    }
    return stopNow(o, "stopping PostgreSQL in good order");
  }

  /** The store has a leader elsewhere before the key is given back: that must not wait for one. */
  private static Optional<Decision> storeFirst(Observation o) {
    Duration left = Tick.LEADERSHIP_FIRST.minus(waited(o));
    Optional<String> heir = StoreLeadership.targetBeforeHandOver(o);
    if (heir.isPresent()) {
      return Optional.of(
          new Decision(
              List.of(new Action.MoveStoreLeadership(heir.get())),
              Decision.Code.STOPPING,
              "the store is led here: " + heir.get() + " leads it before PostgreSQL stops",
              left));
    }
    return o.hold() instanceof Hold.Held && !o.store().leading() && o.store().leader().isEmpty()
        ? Optional.of(
            Decision.hold(
                Decision.Code.STOPPING,
                "the store elects a leader: waiting for it before PostgreSQL stops",
                left))
        : Optional.empty();
  }

  static Duration waited(Observation o) {
    return o.stopAskedAt().map(at -> at.until(o.now())).orElse(Duration.ZERO);
  }

  private static Decision stopNow(Observation o, String reason) {
    Duration bound =
        o.hold() instanceof Hold.Held ? Tick.FAST_SHUTDOWN : Tick.FAST_SHUTDOWN.dividedBy(3);
    boolean primary = o.postgres() instanceof PostgresStatus.Primary;
    return Decision.act(
        Decision.Code.STOPPING, reason, new Action.Run(new PostgresOperation.Stop(primary, bound)));
  }

  /** PostgreSQL is stopped. */
  private static Decision leave(Observation o) {
    if (o.hold() instanceof Hold.Held(Epoch epoch, var _)
        && o.failure().filter(f -> f.operation().equals("release")).isEmpty()) {
      if (o.postgres() instanceof PostgresStatus.Stopped && !GivingBack.leavesStandby(o)) {
        return GivingBack.endFirst(o, Decision.Code.STOPPING, "the agent stops");
      }
      return Decision.act(
          Decision.Code.STOPPING,
          "PostgreSQL is stopped: giving the key back",
          new Action.Release(epoch, true, "the agent on " + o.self() + " was stopped"));
    }
    if (o.guardianArmed()) {
      return Decision.act(
          Decision.Code.STOPPING, "sending the guardian home", new Action.DisarmGuardian());
    }
    Optional<String> primary = runningPrimary(o);
    Duration waited = waited(o);
    Duration patience = Tick.STANDBYS_FIRST.plus(Tick.FAST_SHUTDOWN);
    if (o.stop() == StopRequest.CLUSTER && primary.isPresent() && waited.compareTo(patience) < 0) {
      // The store needs its majority until the primary has given its key back.
      return Decision.hold(
          Decision.Code.STOPPING,
          "stopped; keeping the store's majority until " + primary.get() + " has stopped",
          patience.minus(waited));
    }
    return Decision.act(Decision.Code.STOPPED, "the agent ends", new Action.Exit());
  }

  static Optional<String> runningPrimary(Observation o) {
    return o.view()
        .flatMap(ClusterView::leader)
        .map(ClusterView.Leader::holder)
        .filter(holder -> !holder.equals(o.self()))
        .filter(holder -> o.view().filter(v -> alive(v.members().get(holder))).isPresent())
        .map(holder -> holder.value());
  }

  private static boolean alive(@org.jspecify.annotations.Nullable MemberInfo member) {
    return member != null;
  }

  /** Whether PostgreSQL may be up in this state, as a standby that should stop first. */
  static boolean mayRun(PatroniState state) {
    return switch (state) {
      case RUNNING, STARTING, RESTARTING, STOPPING, BOOTSTRAP_STARTING, UNKNOWN -> true;
      case STOPPED,
          START_FAILED,
          RESTART_FAILED,
          STOP_FAILED,
          CRASHED,
          INITDB,
          INITDB_FAILED,
          CUSTOM_BOOTSTRAP,
          CUSTOM_BOOTSTRAP_FAILED,
          CREATING_REPLICA ->
          false;
    };
  }
}
