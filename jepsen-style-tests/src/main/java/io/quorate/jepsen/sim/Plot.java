package io.quorate.jepsen.sim;

import io.quorate.jepsen.sim.postgres.SimServer;
import io.quorate.jepsen.sim.store.Replica;
import java.util.List;

/**
 * Misfortune in a given order, for what faults by lot bring about too rarely: each is the run of
 * events in which leaving out one rule does harm, or in which a run by lot once found a fault.
 */
public enum Plot {
  /** The whole machine of a winner stands still between taking the key and promoting. */
  PAUSED_WINNER(3),

  /** A primary writes on alone, and is not rewound yet when the one that succeeded it is gone. */
  LOST_FORK_RETURNS(3),

  /** A deposed leader of the store lets a lease run out, and its successor is told so late. */
  LATE_EXPIRY(3),

  /** A winner is gone as soon as it has written on its timeline. */
  FIRST_WINNER_DIES(5),

  /** A primary that stood still with its whole machine goes on while others count its standbys. */
  OLD_PRIMARY_WAKES(3),

  /** What a member sent to take the key arrives when another epoch has come and gone. */
  DELAYED_ACQUISITION(5),

  /** A primary's PostgreSQL dies, it gives the key back, and cannot note that durably. */
  GIVEN_BACK_UNNOTED(3),

  /** A standby without its agent is started as a primary by something else, and written to. */
  STARTED_BY_HAND(3),

  /** A standby without its agent is promoted by something else, and written to. */
  PROMOTED_BY_HAND(3);

  private final int hosts;

  Plot(int hosts) {
    this.hosts = hosts;
  }

  /** How many hosts it takes. */
  int hosts() {
    return hosts;
  }

  void begin(Stage stage) {
    stage.primary().ifPresent(primary -> begin(stage, primary));
  }

  private void begin(Stage stage, SimHost primary) {
    switch (this) {
      case PAUSED_WINNER -> pausedWinner(stage, primary);
      case LOST_FORK_RETURNS -> lostForkReturns(stage, primary);
      case LATE_EXPIRY -> lateExpiry(stage, primary);
      case FIRST_WINNER_DIES -> {
        stage.end(primary);
        stage.when("PostgreSQL is promoted", stage::end);
      }
      case OLD_PRIMARY_WAKES -> {
        primary.standStill(true);
        stage.when("stop receiving done", _ -> primary.standStill(false));
      }
      case DELAYED_ACQUISITION -> delayedAcquisition(stage, primary);
      case GIVEN_BACK_UNNOTED -> {
        primary.pace.failures(1);
        stage.when("release FAILED", _ -> primary.pace.failures(0));
        primary.server.kill("kill -9");
      }
      case STARTED_BY_HAND ->
          byHand(
              stage,
              primary,
              standby -> {
                standby.server.kill("stopped by hand");
                standby.server.startByHand();
              });
      case PROMOTED_BY_HAND -> byHand(stage, primary, standby -> standby.server.promoteByHand());
    }
  }

  /**
   * Meanwhile the primary may change, and it may have been stopped again before its agent comes.
   */
  private static void byHand(
      Stage stage, SimHost primary, java.util.function.Consumer<SimHost> makePrimary) {
    // Its agent has noted by then that PostgreSQL is a standby there.
    stage.when("FOLLOWING: streaming", standby -> byHand(stage, primary, standby, makePrimary));
  }

  private static void byHand(
      Stage stage,
      SimHost primary,
      SimHost standby,
      java.util.function.Consumer<SimHost> makePrimary) {
    boolean changes = stage.cluster().kernel().oneIn(2);
    boolean ends = stage.cluster().kernel().oneIn(2);
    standby.crashAgent();
    stage.after(
        changes ? 100 : 8000,
        () -> {
          stage.end(primary);
          stage.after(5000, () -> stage.boot(primary));
        });
    stage.after(
        200,
        () -> {
          if (standby.server.state() == SimServer.State.STANDBY) {
            makePrimary.accept(standby);
          }
        });
    for (int i = 0; i < 20; i++) {
      stage.after(300 + 40 * i, standby.server::writeByHand);
    }
    if (ends) {
      stage.after(1200, () -> standby.server.kill("stopped by hand"));
    }
    // By then the primary may have changed, and the timeline taken by hand may be the cluster's.
    stage.after(
        stage.cluster().kernel().oneIn(2) ? 1500 : 7000, () -> stage.cluster().startAgent(standby));
  }

  private static void pausedWinner(Stage stage, SimHost old) {
    stage.end(old);
    stage.when("hold of epoch", _ -> stage.boot(old));
    stage.when(
        "arm guardian done",
        winner -> {
          winner.standStill(true);
          stage.after(
              stage.cluster().setup().settings().timings().holdFor().toMillis() + 60,
              () -> winner.standStill(false));
        });
  }

  private static void lostForkReturns(Stage stage, SimHost old) {
    stage.isolate(old);
    stage.when(
        "publish branch done",
        successor ->
            stage.after(
                400,
                () -> {
                  stage.end(successor);
                  stage.cluster().network().heal();
                  stage.when("read end of WAL done", _ -> old.pace.failures(1));
                  stage.when("ran out, decided in", _ -> seesItFirst(stage, old));
                }));
  }

  /** {@code host} pledges before the others, which are slow. */
  private static void seesItFirst(Stage stage, SimHost host) {
    stage.hosts().forEach(other -> other.pace.factor(other == host ? 1 : 40));
    host.pace.failures(0);
  }

  private static void lateExpiry(Stage stage, SimHost old) {
    List<SimHost> standbys = stage.hosts().stream().filter(host -> host != old).toList();
    SimHost first = standbys.getFirst();
    SimHost second = standbys.getLast();
    handOver(stage, first);
    stage.after(
        1500,
        () -> {
          stage.isolate(first);
          stage.after(1000, () -> handOver(stage, second));
        });
    stage.when(
        "ran out, decided in",
        deposed -> {
          deposed.agent.pause();
          stage.cluster().network().heal();
          stage.after(
              700,
              () -> {
                stage.isolate(old);
                stage.after(5, deposed.agent::resume);
              });
        });
  }

  private static void handOver(Stage stage, SimHost to) {
    stage
        .cluster()
        .group()
        .leaders()
        .forEach(leader ->
            stage.cluster().group().running(leader).ifPresent((Replica r) -> r.transfer(to.name)));
  }

  private static void delayedAcquisition(Stage stage, SimHost old) {
    stage.end(old);
    stage.hosts().forEach(host -> host.acquisitionsHeldBack(true));
    stage.when(
        "acquisition held back",
        late -> {
          late.agent.pause();
          stage.hosts().forEach(host -> host.acquisitionsHeldBack(host == late));
          stage.when("publish branch done", Plot::leave);
          stage.when(
              "release done",
              _ -> {
                late.acquisitionsHeldBack(false);
                late.agent.resume();
              });
        });
  }

  private static void leave(SimHost host) {
    SimAgent agent = host.running;
    if (agent != null) {
      var _ = agent.engine().stop();
    }
  }
}
