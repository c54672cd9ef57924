package io.quorate.jepsen.real;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** One planned switchover of a running cluster, under a writing application and direct probes. */
public final class SwitchoverRun {

  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final int REFUSED = 400;
  private static final int ATTEMPTS = 15;

  private SwitchoverRun() {}

  /**
   * What was seen.
   *
   * @param gap longest time without an acknowledged write
   * @param overlaps nodes that took writes at the same time
   * @param lost acknowledged rows that the cluster does not have at the end
   * @param following from the first write on the new primary until all stream again
   * @param steps milliseconds of each step, as the agents say
   */
  public record Result(
      String oldPrimary,
      String newPrimary,
      Duration gap,
      List<String> overlaps,
      SortedSet<Long> lost,
      Duration following,
      String report,
      Map<String, Long> steps) {}

  /**
   * Switches over to {@code candidate} and waits until everything is well again.
   *
   * @param probed every PostgreSQL is asked all the time whether it takes writes, which costs time
   *     itself
   */
  public static Result run(RealCluster cluster, RealNode candidate, boolean probed)
      throws SQLException {
    RealNode old = cluster.primary().orElseThrow();
    PrimaryProbe probe = new PrimaryProbe(probed ? cluster.nodes() : List.of());
    try (Ledger ledger = Ledger.open(cluster)) {
      int before = ledger.count();
      Patience.await(
          "writes before", BOUND, () -> ledger.count() >= before + 100, cluster::evidence);
      SwitchoverSteps steps = new SwitchoverSteps(old, candidate);
      long askedAt = System.nanoTime();
      ask(old, candidate);
      Patience.await(
          "writes to " + candidate.name(),
          BOUND,
          () -> ledger.writesTo(candidate),
          cluster::evidence);
      long primaryAt = System.nanoTime();
      int then = ledger.count();
      Patience.await("writes after", BOUND, () -> ledger.count() >= then + 50, cluster::evidence);
      cluster.awaitHealthy(BOUND);
      Duration following = Duration.ofNanos(System.nanoTime() - primaryAt);
      Duration gap = ledger.longestGapSince(askedAt).length();
      ledger.stop();
      // It streams a moment before it has told, and that a moment before it is seen here.
      Patience.await(
          "the old primary to tell what was lost",
          BOUND,
          () -> lossTold(report(cluster, candidate)),
          cluster::evidence);
      return new Result(
          old.name(),
          candidate.name(),
          gap,
          PrimaryProbe.overlaps(probe.finish()),
          ledger.missingOn(candidate),
          following,
          report(cluster, candidate).map(JsonNode::toString).orElse("none"),
          steps.measured());
    } finally {
      probe.stop();
    }
  }

  private static Optional<JsonNode> report(RealCluster cluster, RealNode node) {
    return cluster
        .json(node, "/failovers")
        .filter(list -> list.isArray() && !list.isEmpty())
        .map(list -> list.path(list.size() - 1));
  }

  private static boolean lossTold(Optional<JsonNode> report) {
    return report
        .map(told -> told.path("loss").path("kind").asString())
        .filter(kind -> !kind.equals("not yet known"))
        .isPresent();
  }

  /** {@code POST /switchover}; the answer comes when it is over, and is not waited for. */
  public static void ask(RealNode old, RealNode candidate) {
    post(old, "{\"leader\":\"%s\",\"candidate\":\"%s\"}".formatted(old.name(), candidate.name()));
  }

  /** The same, and never again. */
  public static void askOnce(RealNode old, RealNode candidate) {
    ask(old, "{\"leader\":\"%s\",\"candidate\":\"%s\"}".formatted(old.name(), candidate.name()), 1);
  }

  /** The same at a time to come. */
  public static void schedule(RealNode old, RealNode candidate, Instant at) {
    post(
        old,
        "{\"leader\":\"%s\",\"candidate\":\"%s\",\"scheduled_at\":\"%s\"}"
            .formatted(old.name(), candidate.name(), at));
  }

  private static void post(RealNode old, String body) {
    ask(old, body, ATTEMPTS);
  }

  /** A refusal may be a matter of the moment: a leader that changes, a standby that just came. */
  private static void ask(RealNode old, String body, int attempts) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + old.restPort() + "/switchover"))
            .timeout(Duration.ofSeconds(70))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    var _ =
        HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString())
            .thenAccept(response -> {
              if (response.statusCode() >= REFUSED && attempts > 1) {
                CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)
                    .execute(() -> ask(old, body, attempts - 1));
              }
            });
  }
}
