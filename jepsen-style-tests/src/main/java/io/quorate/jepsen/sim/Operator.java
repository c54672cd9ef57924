package io.quorate.jepsen.sim;

import io.quorate.ha.command.Answer;
import io.quorate.ha.command.Commands;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Wish;
import io.quorate.jepsen.sim.kernel.SimKernel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Asks for things by lot, of any agent that runs, whatever else is going on: switchovers now and at
 * a time, failovers with and without loss, restarts, pauses; and takes wishes back.
 */
final class Operator {

  private static final String NAME = "operator";
  private static final Duration LATE = Duration.ofSeconds(10);

  private final SimCluster cluster;
  private final SimKernel kernel;
  private final SplittableRandom random;
  private final List<SimHost> hosts;
  private final int meanMillis;
  private final boolean pauses;
  private boolean over;
  private boolean paused;
  private boolean resumed;
  private long watchUntil;

  Operator(SimCluster cluster, SplittableRandom random) {
    this.cluster = cluster;
    this.kernel = cluster.kernel();
    this.random = random;
    this.hosts = List.copyOf(cluster.byName().values());
    this.meanMillis = random.nextInt(400, 5000);
    this.pauses = random.nextInt(3) == 0;
  }

  void start() {
    later(
        1,
        2 * meanMillis,
        () -> {
          if (!over) {
            ask();
            start();
          }
        });
  }

  private void later(int leastMillis, int mostMillis, Runnable act) {
    kernel.schedule(cluster.world(), random.nextInt(leastMillis, mostMillis) * 1_000_000L, act);
  }

  /** One wish by lot; switchovers more often than anything else. */
  private void ask() {
    int lot = random.nextInt(20);
    if (lot < 9) {
      submit(host ->
          new Wish.Switchover(
              Optional.empty(),
              random.nextInt(4) == 0 ? Optional.empty() : Optional.of(anyone()),
              random.nextInt(4) == 0 ? Optional.of(soon(host)) : Optional.empty()));
    } else if (lot < 12) {
      submit(_ -> new Wish.Failover(anyone(), random.nextBoolean()));
    } else if (lot < 15) {
      submit(host ->
          new Wish.Restart(
              anyone(),
              random.nextInt(3) == 0 ? Optional.of(soon(host)) : Optional.empty(),
              Wish.Only.ALWAYS,
              Optional.empty()));
    } else if (lot < 18 || !pauses) {
      command((host, commands) -> {
        kernel.note(NAME, "takes back what is asked, by " + host.name);
        var _ = commands.cancel(Wish.PRIMARY_SLOT, Optional.empty(), NAME);
      });
    } else if (!paused) {
      pause(true);
      later(500, 9000, () -> pause(false));
    }
  }

  private MemberName anyone() {
    return new MemberName(hosts.get(random.nextInt(hosts.size())).name);
  }

  private Instant soon(SimHost host) {
    return host.clock.instant().plus(Duration.ofMillis(random.nextInt(500, 6000)));
  }

  private interface Wanted {
    Wish of(SimHost host);
  }

  private interface Command {
    void give(SimHost host, Commands commands);
  }

  private void submit(Wanted wanted) {
    command((host, commands) -> {
      Wish wish = wanted.of(host);
      kernel.note(NAME, "asks " + host.name + " for " + wish);
      var _ = commands.submit(wish, NAME).thenAccept(this::answered);
    });
  }

  private void answered(Answer answer) {
    kernel.note(
        NAME,
        switch (answer) {
          case Answer.Accepted(var intent) -> "accepted at revision " + intent.revision();
          case Answer.Refused(var refusal) -> "refused: " + refusal.reason();
        });
  }

  private void command(Command command) {
    SimHost host = hosts.get(random.nextInt(hosts.size()));
    SimAgent agent = host.running;
    if (agent != null) {
      command.give(host, agent.engine().commands());
    }
  }

  private void pause(boolean on) {
    command((host, commands) -> {
      kernel.note(NAME, (on ? "pauses" : "ends the pause") + ", by " + host.name);
      paused |= on;
      var _ = commands.pause(on).thenAccept(refusal -> paused &= on || refusal.isPresent());
    });
  }

  /**
   * Asks for nothing more; what is paused goes on, what waits is taken back. A while longer as
   * well: what was asked of an agent that stood still may arrive only after that.
   */
  void heal() {
    over = true;
    watchUntil = kernel.now() + LATE.toNanos();
    resume(_ -> kernel.note(NAME, "nothing is paused any more"));
  }

  private void resume(Consumer<SimHost> then) {
    command((host, commands) -> {
      var _ =
          commands
              .pause(false)
              .thenAccept(refusal -> {
                if (refusal.isEmpty()) {
                  then.accept(host);
                  takeBack(commands);
                  paused = false;
                  resumed = true;
                }
              });
    });
    later(
        400,
        900,
        () -> {
          if (!resumed || kernel.now() < watchUntil) {
            resume(then);
          }
        });
  }

  private void takeBack(Commands commands) {
    var _ = commands.cancel(Wish.PRIMARY_SLOT, Optional.empty(), NAME);
    hosts.forEach(host -> {
      var _ = commands.cancel("restart/" + host.name, Optional.empty(), NAME);
    });
  }
}
