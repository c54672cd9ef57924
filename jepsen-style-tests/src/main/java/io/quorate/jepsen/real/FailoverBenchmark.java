package io.quorate.jepsen.real;

import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;

/**
 * Prints write gaps: {@code FailoverBenchmark [runs] [fault …]}. Not a test: the machine's load
 * decides the figures, so it is printed with them.
 */
public final class FailoverBenchmark {

  private static final int BASE = 25_430;
  private static final String SETTINGS =
      """
          profile: lan
          failover_limit: 1000
      """;

  private FailoverBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] arguments) throws SQLException {
    PrintStream out = System.out;
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
    List<Fault> faults =
        arguments.length > 1
            ? List.of(arguments).subList(1, arguments.length).stream().map(Fault::valueOf).toList()
            : List.copyOf(EnumSet.range(Fault.HOST_LOST, Fault.AGENT_TERMINATED));
    try (RealCluster cluster = RealCluster.prepare(BASE, SETTINGS.indent(0))) {
      long began = System.nanoTime();
      cluster.start();
      cluster.awaitHealthy(Duration.ofMinutes(2));
      out.printf(
          "nothing to three healthy nodes: %d ms%n", (System.nanoTime() - began) / 1_000_000);
      for (Fault fault : faults) {
        List<Long> gaps = new ArrayList<>();
        long lost = 0;
        List<String> overlaps = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
          Duration held =
              fault == Fault.AGENT_STOPPED ? Duration.ofSeconds(60) : Duration.ofSeconds(5);
          FaultRun.Result result = FaultRun.run(cluster, fault, held);
          gaps.add(result.gap().toMillis());
          lost += result.lost().size();
          overlaps.addAll(result.overlaps());
          out.printf(
              "%s: gap %d ms, lost %d, recovery %d ms, %s -> %s, %s%n",
              fault,
              result.gap().toMillis(),
              result.lost().size(),
              result.recovery().toMillis(),
              result.oldPrimary(),
              result.newPrimary(),
              result.report());
        }
        Collections.sort(gaps);
        out.printf(
            "== %s: write gap median %d ms, worst %d ms of %d; acknowledged rows lost %d;"
                + " two primaries: %s; load %.1f%n",
            fault.text(),
            gaps.get(gaps.size() / 2),
            gaps.getLast(),
            gaps.size(),
            lost,
            overlaps.isEmpty() ? "never" : overlaps.toString(),
            java.lang.management.ManagementFactory.getOperatingSystemMXBean()
                .getSystemLoadAverage());
      }
    }
  }
}
