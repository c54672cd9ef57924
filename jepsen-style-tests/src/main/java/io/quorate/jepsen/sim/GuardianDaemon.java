package io.quorate.jepsen.sim;

import io.quorate.jepsen.sim.kernel.SimClock;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimProcess;
import io.quorate.jepsen.sim.kernel.SimScheduler;
import io.quorate.jepsen.sim.postgres.SimServer;
import io.quorate.time.BootTime;
import java.time.Duration;

/** The process that ends PostgreSQL when it is not fed; survives its agent. */
final class GuardianDaemon {

  private static final Duration LOOK = Duration.ofMillis(200);

  private final String host;
  private final SimKernel kernel;
  private final SimProcess process;
  private final SimClock clock;
  private final SimServer server;
  private final SimScheduler scheduler;
  private BootTime deadline = new BootTime(0);

  GuardianDaemon(
      String host, SimKernel kernel, SimProcess process, SimClock clock, SimServer server) {
    this.host = host;
    this.kernel = kernel;
    this.process = process;
    this.clock = clock;
    this.server = server;
    this.scheduler = new SimScheduler(kernel, process, clock);
  }

  boolean runs() {
    return process.alive();
  }

  void startOrFeed(BootTime until) {
    if (process.alive()) {
      feed(until);
      return;
    }
    process.start();
    deadline = until;
    look();
  }

  void feed(BootTime until) {
    if (process.alive() && deadline.isBefore(until)) {
      deadline = until;
    }
  }

  void end() {
    process.kill();
  }

  private void look() {
    if (clock.now().isBefore(deadline)) {
      scheduler.schedule(LOOK, this::look);
      return;
    }
    kernel.note(host, "the guardian was not fed");
    kernel.schedule(
        process,
        kernel.micros(500, 25_000),
        () -> {
          server.kill("the guardian was not fed");
          process.kill();
        });
  }
}
