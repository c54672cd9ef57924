package io.quorate.jepsen.real;

import java.sql.SQLException;
import java.time.Duration;
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
   * @param reportedCommits commits that the failover report says were lost; empty: no report, or
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
      Optional<JsonNode> report =
          fault.failsOver() || !now.equals(old) ? lossKnown(cluster, now) : Optional.empty();
      return new Result(
          fault,
          old.name(),
          now.name(),
          gap,
          PrimaryProbe.tookWritesAfter(stretches, old.name(), injectedAt),
          overlaps,
          ledger.missingOn(now),
          report
              .map(r -> r.path("loss").path("commits"))
              .filter(JsonNode::isNumber)
              .map(JsonNode::asLong),
          recovery,
          report.map(JsonNode::toString).orElse("none"));
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

  /** The newest report, once its loss is known. */
  private static Optional<JsonNode> lossKnown(RealCluster cluster, RealNode now) {
    Patience.await(
        "a failover report that knows what was lost",
        RECOVERY,
        () ->
            newestReport(cluster, now)
                .filter(r -> !r.path("loss").path("kind").asString().equals("not yet known"))
                .isPresent(),
        cluster::evidence);
    return newestReport(cluster, now);
  }

  private static Optional<JsonNode> newestReport(RealCluster cluster, RealNode now) {
    Optional<JsonNode> reports = cluster.json(now, "/failovers");
    return reports
        .filter(list -> list.isArray() && !list.isEmpty())
        .map(list -> list.path(list.size() - 1));
  }
}
