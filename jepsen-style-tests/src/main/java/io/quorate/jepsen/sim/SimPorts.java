package io.quorate.jepsen.sim;

import io.quorate.ha.decide.Decision;
import io.quorate.ha.loop.HaEvents;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.port.Guardian;
import io.quorate.ha.port.NodeStateStore;
import io.quorate.ha.port.Peers;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.SimNetwork;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The smaller ports of one agent as it runs now. */
final class SimPorts {

  private SimPorts() {}

  /** The durable state: written, then said to be; a crash comes before, between or after. */
  static final class Notes implements NodeStateStore {
    private final SimHost host;
    private final SimKernel kernel;
    private long lastWrite;

    Notes(SimHost host, SimKernel kernel) {
      this.host = host;
      this.kernel = kernel;
    }

    @Override
    public NodeState load() {
      return host.durable;
    }

    @Override
    public CompletionStage<Boolean> save(NodeState state) {
      CompletableFuture<Boolean> future = new CompletableFuture<>();
      boolean fails = host.pace.fails();
      lastWrite = Math.max(lastWrite + 1, kernel.now() + host.pace.millis(1, 8));
      kernel.schedule(
          host.agent,
          lastWrite - kernel.now(),
          () -> {
            if (!fails) {
              host.durable = state;
            }
            kernel.schedule(host.agent, kernel.micros(10, 2000), () -> future.complete(!fails));
          });
      return future.minimalCompletionStage();
    }
  }

  /** Feeds the guardian, and tells the observer what the agent may believe. */
  static final class Feeder implements Guardian {
    private final SimHost host;
    private final SimKernel kernel;

    Feeder(SimHost host, SimKernel kernel) {
      this.host = host;
      this.kernel = kernel;
    }

    @Override
    public CompletionStage<Boolean> arm(BootTime aliveUntil) {
      CompletableFuture<Boolean> future = new CompletableFuture<>();
      kernel.schedule(
          host.agent,
          host.pace.millis(3, 40),
          () -> {
            boolean fails = host.pace.fails();
            if (!fails) {
              host.guardianDaemon.startOrFeed(aliveUntil);
            }
            kernel.schedule(host.agent, kernel.micros(100, 3000), () -> future.complete(!fails));
          });
      return future.minimalCompletionStage();
    }

    @Override
    public void feed(BootTime aliveUntil) {
      host.believes(aliveUntil);
      host.guardianDaemon.feed(aliveUntil);
    }

    @Override
    public CompletionStage<Boolean> disarm() {
      CompletableFuture<Boolean> future = new CompletableFuture<>();
      kernel.schedule(
          host.agent,
          kernel.micros(500, 10_000),
          () -> {
            host.guardianDaemon.end();
            future.complete(true);
          });
      return future.minimalCompletionStage();
    }

    @Override
    public boolean armed() {
      return host.guardianDaemon.runs();
    }
  }

  /** Calls other agents. */
  static final class Calls implements Peers {
    private static final Duration BOUND = Duration.ofMillis(300);
    private final SimHost host;
    private final SimNetwork network;
    private final Map<String, SimHost> hosts;

    Calls(SimHost host, SimNetwork network, Map<String, SimHost> hosts) {
      this.host = host;
      this.network = network;
      this.hosts = hosts;
    }

    @Override
    public CompletionStage<Boolean> agentAnswers(MemberName member) {
      CompletableFuture<Boolean> future = new CompletableFuture<>();
      SimHost other = hosts.get(member.value());
      if (other == null) {
        return CompletableFuture.completedStage(false);
      }
      network.<Boolean>call(
          new SimNetwork.Endpoint(host.name, host.agent),
          new SimNetwork.Endpoint(other.name, other.agent),
          BOUND.toNanos(),
          answer -> answer.accept(true),
          answer -> future.complete(answer.isPresent()));
      return future.minimalCompletionStage();
    }
  }

  /** Writes the trace. */
  static final class Recorder implements HaEvents {
    private final SimHost host;
    private final SimKernel kernel;

    Recorder(SimHost host, SimKernel kernel) {
      this.host = host;
      this.kernel = kernel;
    }

    @Override
    public void decided(BootTime at, String situation, Decision.Code code, String reason) {
      kernel.note(host.name, "[" + situation + "] " + code + ": " + reason);
    }

    @Override
    public void acted(BootTime at, String action, boolean success, String detail) {
      kernel.note(host.name, action + (success ? " done: " : " FAILED: ") + detail);
    }

    @Override
    public void hold(BootTime at, Epoch epoch, String what) {
      kernel.note(host.name, "hold of epoch " + epoch + ": " + what);
      if (what.equals("taken")) {
        host.took(epoch);
      } else if (what.equals("resumed")) {
        host.holds(epoch);
      } else {
        host.believesNothing();
      }
    }

    @Override
    public void report(FailoverReport report) {
      kernel.note(
          host.name,
          "report of epoch "
              + report.epoch()
              + ", "
              + report.oldPrimary().map(Object::toString).orElse("nobody")
              + " to "
              + report.newPrimary()
              + " at "
              + report.promotedAt()
              + ": "
              + report.loss());
    }

    @Override
    public void trouble(BootTime at, String what) {
      kernel.note(host.name, "TROUBLE: " + what);
    }
  }
}
