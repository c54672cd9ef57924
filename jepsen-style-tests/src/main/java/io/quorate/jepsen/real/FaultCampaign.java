package io.quorate.jepsen.real;

import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Every fault, over and over: {@code FaultCampaign ROUNDS [FAULT …]}. Prints a line for each run
 * and ends with status 1 if one broke a promise. On hosts of their own where that is possible.
 */
public final class FaultCampaign {

  private static final String SETTINGS = "    profile: lan\n    failover_limit: 1000\n";
  private static final Duration TTL = Duration.ofSeconds(3);

  private FaultCampaign() {}

  /** Runs it. */
  public static void main(String[] arguments) {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
    List<Fault> faults =
        arguments.length > 1
            ? List.of(arguments).subList(1, arguments.length).stream().map(Fault::valueOf).toList()
            : List.of(Fault.values());
    System.exit(run(rounds, faults, System.out) ? 0 : 1);
  }

  private static boolean run(int rounds, List<Fault> faults, PrintStream out) {
    Optional<String> obstacle = Namespaces.obstacle();
    HostNetwork network =
        obstacle.isPresent() ? HostNetwork.loopback() : Namespaces.make(RealCluster.SIZE);
    int broken = 0;
    try (RealCluster cluster = RealCluster.prepare(Ports.freeBlock(), SETTINGS, network)) {
      cluster.start();
      cluster.awaitHealthy(Duration.ofMinutes(2));
      for (int round = 1; round <= rounds; round++) {
        for (Fault fault : faults) {
          if (fault.needsNetwork() && obstacle.isPresent()) {
            out.printf("%s: not run: %s%n", fault, obstacle.get());
          } else if (!one(cluster, fault, out)) {
            broken++;
          }
        }
      }
    }
    out.printf("%d runs broke a promise%n", broken);
    return broken == 0;
  }

  private static boolean one(RealCluster cluster, Fault fault, PrintStream out) {
    try {
      cluster.awaitHealthy(Duration.ofMinutes(2));
      Duration held = Duration.ofSeconds(fault == Fault.AGENT_STOPPED ? 60 : 12);
      FaultRun.Result result = FaultRun.run(cluster, fault, held);
      List<String> objections = objections(result);
      out.printf(
          "%s %s: gap %d ms, old primary took writes for %d ms, lost %d (reported %s),"
              + " recovery %d ms, %s -> %s%s%n",
          objections.isEmpty() ? "pass" : "FAIL",
          fault,
          result.gap().toMillis(),
          result.oldTookWrites().toMillis(),
          result.lost().size(),
          result.reportedCommits().map(String::valueOf).orElse("none"),
          result.recovery().toMillis(),
          result.oldPrimary(),
          result.newPrimary(),
          objections.isEmpty() ? "" : ": " + objections);
      return objections.isEmpty();
    } catch (AssertionError | SQLException e) {
      out.printf("FAIL %s: %s%n", fault, e.getMessage());
      cluster.awaitHealthy(Duration.ofMinutes(2));
      return false;
    }
  }

  /** Promises that the run broke. */
  static List<String> objections(FaultRun.Result result) {
    List<String> objections = new ArrayList<>();
    result.overlaps().forEach(overlap -> objections.add("two took writes: " + overlap));
    if (result.lost().size() > result.reportedCommits().orElse(0L)) {
      objections.add(
          result.lost().size() + " acknowledged rows lost, the report being " + result.report());
    }
    if (result.fault().failsOver()) {
      if (result.newPrimary().equals(result.oldPrimary())) {
        objections.add("no other node became primary");
      }
      if (result.oldTookWrites().compareTo(TTL) > 0) {
        objections.add("the old primary took writes beyond its lease: " + result.oldTookWrites());
      }
    }
    return objections;
  }
}
