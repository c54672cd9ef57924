package io.quorate.jepsen.sim;

import io.quorate.jepsen.invariant.AtMostOneWritablePrimary;
import io.quorate.jepsen.invariant.ClusterInvariant;
import io.quorate.jepsen.invariant.EventuallyOnePrimary;
import io.quorate.jepsen.invariant.HistoryGoesOn;
import io.quorate.jepsen.invariant.HostFacts;
import io.quorate.jepsen.invariant.LeaseExclusive;
import io.quorate.jepsen.invariant.LossOnlyAsReported;
import io.quorate.jepsen.invariant.NoMix;
import io.quorate.jepsen.invariant.PromotesOnlyUnderHold;
import io.quorate.jepsen.invariant.ReceivesNothingAfterPledge;
import io.quorate.jepsen.invariant.RevisionMonotonic;
import io.quorate.jepsen.invariant.SwitchoversLoseNothing;
import io.quorate.jepsen.invariant.WithdrawnWishesDoNothing;
import io.quorate.jepsen.invariant.WitnessOnlyVotes;
import io.quorate.jepsen.sim.kernel.SimKernel;
import io.quorate.jepsen.sim.kernel.Trace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** One run: faults for a while, then healing, then a cluster that must be whole again. */
public final class Simulation {

  /** The stop budget of the profiles, and no more: past it another may be writable. */
  private static final Duration FENCING = Duration.ofMillis(400);

  private static final Duration CALM = Duration.ofSeconds(15);
  private static final long LOOK = Duration.ofMillis(100).toNanos();

  /**
   * Longer than any lease of these runs: right after the faults a cluster may look whole whose
   * primary has not been able to renew, and is about to be fenced.
   */
  private static final Duration WHOLE = Duration.ofMillis(3500);

  private final long seed;
  private final SimOptions options;
  private final Trace trace = new Trace();
  private final SimKernel kernel;
  private final SimCluster cluster;
  private final Nemesis nemesis;
  private final Operator operator;
  private final List<ClusterInvariant> invariants =
      List.of(
          new NoMix(),
          new LeaseExclusive(),
          new AtMostOneWritablePrimary(FENCING),
          new RevisionMonotonic(),
          new HistoryGoesOn(),
          new PromotesOnlyUnderHold(),
          new ReceivesNothingAfterPledge(),
          new WitnessOnlyVotes(),
          new EventuallyOnePrimary(),
          new LossOnlyAsReported(),
          new SwitchoversLoseNothing(),
          new WithdrawnWishesDoNothing());

  private Simulation(long seed, SimOptions options) {
    this.seed = seed;
    this.options = options;
    SplittableRandom setup = new SplittableRandom(seed);
    this.kernel = new SimKernel(setup.nextLong(), trace);
    this.cluster = new SimCluster(kernel, setup(setup.split()), options.mutation());
    this.nemesis = new Nemesis(cluster, setup.split());
    this.operator = new Operator(cluster, setup.split());
  }

  private SimSetup setup(SplittableRandom lot) {
    SimSetup drawn = SimSetup.draw(lot);
    return options.plot().map(plot -> drawn.forPlot(plot.hosts())).orElse(drawn);
  }

  /** Runs {@code seed} to its end, or to the first violation. */
  public static SimResult run(long seed, SimOptions options) {
    return new Simulation(seed, options).run();
  }

  private SimResult run() {
    Optional<SimResult.Violation> violation;
    try {
      violation = phases();
    } catch (RuntimeException | StackOverflowError e) {
      java.io.StringWriter text = new java.io.StringWriter();
      e.printStackTrace(new java.io.PrintWriter(text));
      violation =
          Optional.of(new SimResult.Violation("NoException", text.toString(), kernel.now()));
    }
    violation.ifPresent(v -> kernel.note("VIOLATION", v.invariant() + ": " + v.what()));
    return result(violation);
  }

  private Optional<SimResult.Violation> phases() {
    cluster.start();
    if (cluster.setup().calmStart()) {
      Optional<SimResult.Violation> early = until(CALM.toNanos(), Optional.of(Duration.ZERO));
      if (early.isPresent()) {
        return early;
      }
    }
    options.plot().ifPresentOrElse(plot -> plot.begin(new Stage(cluster)), nemesis::start);
    if (options.operated()) {
      operator.start();
    }
    Optional<SimResult.Violation> faulty =
        until(kernel.now() + options.faults().toNanos(), Optional.empty());
    if (faulty.isPresent()) {
      return faulty;
    }
    nemesis.heal();
    if (options.operated()) {
      operator.heal();
    }
    Optional<SimResult.Violation> settling =
        until(kernel.now() + options.settling().toNanos(), Optional.of(WHOLE));
    return settling.or(() ->
        invariants.stream()
            .flatMap(i -> i.checkSettled(cluster).map(what -> violated(i, what)).stream())
            .findFirst());
  }

  /** Runs until {@code end}, or until the cluster has been whole for so long, where given. */
  private Optional<SimResult.Violation> until(long end, Optional<Duration> whole) {
    long looked = kernel.now();
    long since = looked;
    while (kernel.step(end)) {
      for (ClusterInvariant invariant : invariants) {
        Optional<String> broken = invariant.check(cluster);
        if (broken.isPresent()) {
          return Optional.of(violated(invariant, broken.get()));
        }
      }
      if (whole.isPresent() && kernel.now() - looked > LOOK) {
        looked = kernel.now();
        if (EventuallyOnePrimary.obstacle(cluster).isPresent()) {
          since = looked;
        } else if (looked - since >= whole.get().toNanos()) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private SimResult.Violation violated(ClusterInvariant invariant, String what) {
    return new SimResult.Violation(invariant.name(), what, kernel.now());
  }

  private SimResult result(Optional<SimResult.Violation> violation) {
    Set<Long> kept =
        cluster.hosts().stream()
            .filter(HostFacts::writable)
            .findFirst()
            .map(host -> cluster.commitsOn(host.name()))
            .orElse(Set.of());
    long lost = cluster.acknowledged().stream().filter(c -> !kept.contains(c.number())).count();
    return new SimResult(
        seed,
        options,
        violation,
        trace.text(),
        kernel.events(),
        cluster.byName().values().stream().mapToInt(SimHost::acquisitions).sum(),
        cluster.acknowledged().size(),
        lost);
  }
}
