package io.quorate.jepsen.real;

import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Prints write gaps of planned switchovers under pgbench, and where the time goes: {@code
 * SwitchoverBenchmark [runs] [first port] [pgbench's transactions a second]}. A client that tries
 * again every 2 ms measures the gap. Not a test: the machine's load decides the figures, so it is
 * printed with them. With {@code -Dquorate.probe=true} every PostgreSQL is asked all the time
 * whether it takes writes; that slows everything down.
 */
public final class SwitchoverBenchmark {

  private static final int BASE = 25_530;
  private static final int RATE = 200;

  private final PrintStream out = System.out;
  private final List<Long> gaps = new ArrayList<>();
  private final List<Map<String, Long>> steps = new ArrayList<>();
  private final List<String> overlaps = new ArrayList<>();
  private int lost;

  private SwitchoverBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] arguments) throws SQLException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
    int base = arguments.length > 1 ? Integer.parseInt(arguments[1]) : BASE;
    int rate = arguments.length > 2 ? Integer.parseInt(arguments[2]) : RATE;
    new SwitchoverBenchmark().run(runs, base, rate);
  }

  private void run(int runs, int base, int rate) throws SQLException {
    try (RealCluster cluster = RealCluster.prepare(base, "    failover_limit: 1000\n")) {
      cluster.start();
      cluster.awaitHealthy(Duration.ofMinutes(2));
      PgBench.initialize(cluster.primary().orElseThrow());
      for (int i = 0; i < runs; i++) {
        RealNode old = cluster.primary().orElseThrow();
        List<RealNode> others = cluster.nodes().stream().filter(node -> !node.equals(old)).toList();
        try (PgBench _ = PgBench.run(old, rate)) {
          note(
              SwitchoverRun.run(
                  cluster, others.get(i % others.size()), Boolean.getBoolean("quorate.probe")));
        }
      }
      summarize(rate);
    }
  }

  private void note(SwitchoverRun.Result result) {
    gaps.add(result.gap().toMillis());
    steps.add(result.steps());
    lost += result.lost().size();
    overlaps.addAll(result.overlaps());
    out.printf(
        "%s -> %s: gap %d ms, lost %d, all stream after %d ms, %s%n",
        result.oldPrimary(),
        result.newPrimary(),
        result.gap().toMillis(),
        result.lost().size(),
        result.following().toMillis(),
        result.steps());
  }

  private void summarize(int rate) {
    Collections.sort(gaps);
    out.printf(
        "== write gap p50 %d ms, p99 %d ms, worst %d ms of %d, pgbench at %d/s; acknowledged rows"
            + " lost %d; two primaries: %s; load %.1f%n",
        gaps.get((gaps.size() - 1) / 2),
        gaps.get((int) Math.ceil(0.99 * gaps.size()) - 1),
        gaps.getLast(),
        gaps.size(),
        rate,
        lost,
        overlaps.isEmpty() ? "none seen" : overlaps.toString(),
        java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    Set<String> names = new LinkedHashSet<>();
    steps.forEach(run -> names.addAll(run.keySet()));
    out.println(
        "== median of each step: "
            + names.stream()
                .map(name -> name + " " + SwitchoverSteps.median(steps, name).orElse(-1) + " ms")
                .collect(Collectors.joining(", ")));
  }
}
