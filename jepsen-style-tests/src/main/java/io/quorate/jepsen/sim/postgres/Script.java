package io.quorate.jepsen.sim.postgres;

import io.quorate.ha.port.OperationResult;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimProcess;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/** One operation under way, step by step. */
final class Script {

  private final SimServer server;
  private final SimKernel kernel;
  private final SimProcess agent;
  private final Pace pace;
  private final CompletableFuture<OperationResult> future = new CompletableFuture<>();
  private final long fencesBefore;

  Script(SimServer server, SimKernel kernel, SimProcess agent, Pace pace) {
    this.server = server;
    this.kernel = kernel;
    this.agent = agent;
    this.pace = pace;
    this.fencesBefore = server.fences();
  }

  CompletionStage<OperationResult> stage() {
    return future.minimalCompletionStage();
  }

  /** After a while, unless it fails or PostgreSQL was ordered to end. */
  void then(int leastMillis, int mostMillis, Runnable next) {
    kernel.schedule(
        agent,
        pace.millis(leastMillis, mostMillis),
        () -> {
          if (server.fences() != fencesBefore) {
            fail("PostgreSQL was ended meanwhile");
          } else if (pace.fails()) {
            fail("it failed, for no reason at all");
          } else {
            next.run();
          }
        });
  }

  /** As soon as the condition holds; fails when PostgreSQL ends or {@code bound} has passed. */
  void when(BooleanSupplier condition, long bound, Runnable next) {
    long until = kernel.now() + bound;
    await(condition, until, next);
  }

  private void await(BooleanSupplier condition, long until, Runnable next) {
    if (server.fences() != fencesBefore) {
      fail("PostgreSQL was ended meanwhile");
    } else if (condition.getAsBoolean()) {
      next.run();
    } else if (server.state() == SimServer.State.DOWN) {
      fail("PostgreSQL ended");
    } else if (kernel.now() > until) {
      fail("PostgreSQL did not get there in time");
    } else {
      kernel.schedule(agent, kernel.millis(1, 8), () -> await(condition, until, next));
    }
  }

  void done(OperationResult result) {
    future.complete(result);
  }

  void done() {
    done(new OperationResult.Succeeded());
  }

  void fail(String reason) {
    done(new OperationResult.Failed(reason, false));
  }
}
