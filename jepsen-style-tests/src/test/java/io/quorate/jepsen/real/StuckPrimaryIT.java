package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A failover is asked for where a primary is in trouble: one whose processes do nothing any more,
 * or whose checkpoint does not end, neither stops in good order nor holds it up.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StuckPrimaryIT {

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration BOUND = Duration.ofSeconds(40);

  private RealCluster cluster;
  private Cli cli;

  @BeforeAll
  void start() {
    cluster = RealCluster.prepare(Ports.freeBlock(), "    failover_limit: 1000\n");
    cli = new Cli(cluster);
    cluster.start();
  }

  @AfterAll
  void end() {
    cluster.close();
  }

  @Test
  void failsOverWhereNothingMovesAnyMore() throws SQLException {
    failsOverFromAStuckPrimary(true);
  }

  @Test
  void failsOverWhereNoCheckpointEnds() throws SQLException {
    failsOverFromAStuckPrimary(false);
  }

  private void failsOverFromAStuckPrimary(boolean all) throws SQLException {
    cluster.awaitHealthy(START);
    RealNode old = cluster.primary().orElseThrow();
    // Not the one that an election among equals would take.
    RealNode candidate =
        cluster.nodes().stream().filter(node -> !node.equals(old)).toList().getLast();
    long reports = FaultRun.lastReport(cluster, old);
    try (Ledger ledger = Ledger.open(cluster)) {
      await("writes", () -> ledger.count() > 50);
      if (all) {
        old.signalPostgres("STOP");
      } else {
        old.signalProcess("STOP", old.checkpointer());
      }
      CompletableFuture<Cli.Result> asked =
          cli.begin("failover", "--force", "--candidate", candidate.name(), "--accept-data-loss");
      await("the one named", () -> cluster.primary().equals(Optional.of(candidate)));
      Cli.Result result = asked.orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS).join();
      assertThat(result.status()).as("%s", result).isZero();
      cluster.awaitHealthy(BOUND);
      int then = ledger.count();
      await("writes again", () -> ledger.count() > then + 20);
      ledger.stop();
      assertThat(ledger.missingOn(candidate))
          .hasSizeLessThanOrEqualTo(
              Math.toIntExact(FaultRun.reported(cluster, candidate, reports)));
    }
    assertThat(cli.done("explain", "1")).contains(old.name() + " -> " + candidate.name());
  }

  private void await(String what, BooleanSupplier condition) {
    Patience.await(
        what,
        BOUND,
        condition,
        () -> cli.run("list").text() + cli.run("explain").text() + cluster.evidence());
  }
}
