package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * This member has no PostgreSQL. It votes in the store, so that of two others one may be lost, and
 * has nothing to pledge, to claim or to copy.
 */
final class Witnessing {

  private Witnessing() {}

  /** The cluster is known, and nobody asked the agent to stop. */
  static Decision decide(Observation o, ClusterView view) {
    return pointless(o, view)
        .orElseGet(() ->
            Decision.hold(
                Decision.Code.WITNESSING,
                "votes in the store, and has no PostgreSQL: " + seen(view),
                Tick.SAFETY_NET));
  }

  private static String seen(ClusterView view) {
    return view.leader()
        .map(leader -> leader.holder() + " holds the lease of epoch " + leader.epoch())
        .orElse("nobody holds the lease");
  }

  /** A wish about a PostgreSQL that this member had when it was made, or was thought to have. */
  private static Optional<Decision> pointless(Observation o, ClusterView view) {
    return Stream.of("restart/", "reload/", "reinit/")
        .flatMap(kind -> view.openIntent(kind + o.self()).stream())
        .findFirst()
        .map((Intent intent) -> {
          Refusal refusal = Refusal.witness(o.self());
          return Decision.act(
              Decision.Code.WITNESSING,
              refusal.reason(),
              new Action.Advance(intent.with(intent.progress().refused(refusal))));
        });
  }

  /** The agent ends: last of all where the whole cluster does, since its vote is what it is for. */
  static Decision stop(Observation o) {
    Duration waited = Stopping.waited(o);
    if (o.stop() == StopRequest.CLUSTER) {
      Set<String> needing = needing(o);
      Duration left = Tick.WITNESS_LAST.minus(waited);
      if (!needing.isEmpty() && left.isPositive() && mayHelp(o, waited)) {
        return Decision.hold(
            Decision.Code.STOPPING,
            "the cluster stops: keeping the store's majority until " + needing + " have stopped",
            left.compareTo(Tick.SAFETY_NET) < 0 ? left : Tick.SAFETY_NET);
      }
    } else if (waited.compareTo(Tick.NEXT_LEADER) < 0) {
      Optional<String> heir = StoreLeadership.targetBeforeWitnessEnds(o);
      if (heir.isPresent()) {
        return new Decision(
            List.of(new Action.MoveStoreLeadership(heir.get())),
            Decision.Code.STOPPING,
            "the store is led here: " + heir.get() + " leads it before the agent ends",
            Tick.NEXT_LEADER.minus(waited));
      }
      // Its vote may be the one that the next leader needs.
      if (o.store().leader().filter(name -> !name.equals(o.self().value())).isEmpty()) {
        return Decision.hold(
            Decision.Code.STOPPING,
            "waiting for the store to have its next leader",
            Tick.NEXT_LEADER.minus(waited));
      }
    }
    return Decision.act(Decision.Code.STOPPED, "the agent ends", new Action.Exit());
  }

  /** Who still has something to write into the store: the primary, and whoever has not stopped. */
  private static Set<String> needing(Observation o) {
    Set<String> names = new TreeSet<>();
    Stopping.runningPrimary(o).ifPresent(names::add);
    o.view().stream()
        .flatMap(view -> view.members().values().stream())
        .filter(member -> !member.isWitness() && Stopping.mayRun(member.state()))
        .map(member -> member.name().value())
        .forEach(names::add);
    return names;
  }

  /** Without a majority, for longer than an election takes, nothing that is shown will change. */
  private static boolean mayHelp(Observation o, Duration waited) {
    return o.store().leader().isPresent() || waited.compareTo(Tick.STANDBYS_FIRST) < 0;
  }
}
