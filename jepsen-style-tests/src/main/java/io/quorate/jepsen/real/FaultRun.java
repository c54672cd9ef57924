package io.quorate.jepsen.real;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;

/** One fault on a running cluster, under a writing application and direct probes. */
public final class FaultRun {

  private static final Duration RECOVERY = Duration.ofSeconds(60);

  private FaultRun() {}

  /**
   * What was seen.
   *
   * @param gap longest time without an acknowledged write around the fault
   * @param oldTookWrites how long after the fault the old primary still took writes, in one go
   * @param overlaps nodes that took writes at the same time
   * @param lost acknowledged rows that the cluster does not have at the end
   * @param reportedCommits commits that the failover reports say were lost; empty: no report, or
   *     one that says none
   * @param recovery from the end of the fault until all stream again
   */
  public record Result(
      Fault fault,
      String oldPrimary,
      String newPrimary,
      Duration gap,
      Duration oldTookWrites,
      List<String> overlaps,
      SortedSet<Long> lost,
      Optional<Long> reportedCommits,
      Duration recovery,
      String report) {}

  /** Runs {@code fault} on the primary and waits until everything is well again. */
  public static Result run(RealCluster cluster, Fault fault, Duration held) throws SQLException {
    RealNode old = cluster.primary().orElseThrow();
    long reportedBefore = lastReport(cluster, old);
    PrimaryProbe probe = new PrimaryProbe(cluster.nodes());
    try (Ledger ledger = Ledger.open(cluster)) {
      awaitWrites(cluster, ledger, 200);
      long injectedAt = System.nanoTime();
      long undoneAt;
      try {
        fault.inject(cluster, old);
        awaitEffect(cluster, fault, old, ledger, injectedAt);
        holdFault(held, injectedAt);
      } finally {
        undoneAt = System.nanoTime();
        fault.undo(cluster, old);
      }
      cluster.awaitHealthy(RECOVERY);
      Duration recovery = Duration.ofNanos(System.nanoTime() - undoneAt);
      awaitWrites(cluster, ledger, 50);
      Duration gap = ledger.longestGapSince(injectedAt).length();
      ledger.stop();
      RealNode now = cluster.primary().orElseThrow();
      List<PrimaryProbe.Stretch> stretches = probe.finish();
      List<String> overlaps = PrimaryProbe.overlaps(stretches);
      List<JsonNode> reports =
          fault.failsOver() || !now.equals(old)
              ? lossesKnown(cluster, now, reportedBefore)
              : List.of();
      return new Result(
          fault,
          old.name(),
          now.name(),
          gap,
          PrimaryProbe.tookWritesAfter(stretches, old.name(), injectedAt),
          overlaps,
          ledger.missingOn(now),
          commits(reports),
          recovery,
          reports.isEmpty() ? "none" : reports.toString());
    } finally {
      probe.stop();
    }
  }

  private static void awaitEffect(
      RealCluster cluster, Fault fault, RealNode old, Ledger ledger, long injectedAt) {
    BooleanSupplier written =
        () -> ledger.lastAckNanos() > injectedAt + Duration.ofMillis(500).toNanos();
    Patience.await(
        fault.effect() + " after: " + fault.text(),
        RECOVERY,
        switch (fault.effect()) {
          case FAILS_OVER ->
              () ->
                  written.getAsBoolean()
                      && cluster.primary().filter(now -> !now.equals(old)).isPresent();
          case STAYS -> () -> written.getAsBoolean() && cluster.primary().isPresent();
          case STOPS -> () -> cluster.primary().isEmpty() && old.instancePids().isEmpty();
        },
        cluster::evidence);
  }

  private static void awaitWrites(RealCluster cluster, Ledger ledger, int more) {
    int before = ledger.count();
    Patience.await(
        more + " acknowledged writes",
        RECOVERY,
        () -> ledger.count() >= before + more,
        cluster::evidence);
  }

  private static void holdFault(Duration held, long injectedAt) {
    Patience.await(
        "time",
        held.plusSeconds(30),
        () -> System.nanoTime() - injectedAt >= held.toNanos(),
        () -> "");
  }

  /** The reports of all failovers since, there may be several, once each knows what was lost. */
  private static List<JsonNode> lossesKnown(RealCluster cluster, RealNode now, long since) {
    Patience.await(
        "failover reports that know what was lost",
        RECOVERY,
        () -> {
          List<JsonNode> reports = reports(cluster, now, since);
          return !reports.isEmpty()
              && reports.stream()
                  .noneMatch(r -> loss(r, "kind").asString().equals("not yet known"));
        },
        cluster::evidence);
    return reports(cluster, now, since);
  }

  private static JsonNode loss(JsonNode report, String field) {
    return report.path("loss").path(field);
  }

  private static Optional<Long> commits(List<JsonNode> reports) {
    return reports.stream()
        .map(report -> loss(report, "commits"))
        .filter(JsonNode::isNumber)
        .map(JsonNode::asLong)
        .reduce(Long::sum);
  }

  /** Reports of epochs after {@code since}, oldest first. */
  private static List<JsonNode> reports(RealCluster cluster, RealNode node, long since) {
    List<JsonNode> found = new ArrayList<>();
    cluster
        .json(node, "/failovers")
        .ifPresent(all ->
            all.forEach(report -> {
              if (report.path("epoch").asLong() > since) {
                found.add(report);
              }
            }));
    return found;
  }

  /** Commits that the reports of all failovers since say are lost, once each knows. */
  static long reported(RealCluster cluster, RealNode now, long since) {
    return lastReport(cluster, now) == since
        ? 0
        : commits(lossesKnown(cluster, now, since)).orElse(0L);
  }

  /** Epoch of the last failover that was reported. */
  static long lastReport(RealCluster cluster, RealNode node) {
    return reports(cluster, node, 0).stream()
        .mapToLong(report -> report.path("epoch").asLong())
        .max()
        .orElse(0);
  }
}
