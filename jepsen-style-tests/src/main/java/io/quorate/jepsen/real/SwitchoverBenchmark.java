package io.quorate.jepsen.real;

import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Prints write gaps of planned switchovers: {@code SwitchoverBenchmark [runs] [first port]}. Not a
 * test: the machine's load decides the figures, so it is printed with them.
 */
public final class SwitchoverBenchmark {

  private static final int BASE = 25_530;

  private SwitchoverBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] arguments) throws SQLException {
    PrintStream out = System.out;
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
    int base = arguments.length > 1 ? Integer.parseInt(arguments[1]) : BASE;
    try (RealCluster cluster = RealCluster.prepare(base, "    failover_limit: 1000\n")) {
      cluster.start();
      cluster.awaitHealthy(Duration.ofMinutes(2));
      List<Long> gaps = new ArrayList<>();
      int lost = 0;
      List<String> overlaps = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        RealNode old = cluster.primary().orElseThrow();
        List<RealNode> others = cluster.nodes().stream().filter(node -> !node.equals(old)).toList();
        SwitchoverRun.Result result = SwitchoverRun.run(cluster, others.get(i % others.size()));
        gaps.add(result.gap().toMillis());
        lost += result.lost().size();
        overlaps.addAll(result.overlaps());
        out.printf(
            "%s -> %s: gap %d ms, lost %d, all stream after %d ms, %s%n",
            result.oldPrimary(),
            result.newPrimary(),
            result.gap().toMillis(),
            result.lost().size(),
            result.following().toMillis(),
            result.report());
      }
      Collections.sort(gaps);
      out.printf(
          "== write gap p50 %d ms, p99 %d ms, worst %d ms of %d; acknowledged rows lost %d;"
              + " two primaries: %s; load %.1f%n",
          gaps.get((gaps.size() - 1) / 2),
          gaps.get((int) Math.ceil(0.99 * gaps.size()) - 1),
          gaps.getLast(),
          gaps.size(),
          lost,
          overlaps.isEmpty() ? "never" : overlaps.toString(),
          java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }
  }
}
