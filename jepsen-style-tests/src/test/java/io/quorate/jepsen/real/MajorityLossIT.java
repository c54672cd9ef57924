package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Two of three hosts lost for good, the primary's among them: the store is recovered on the third,
 * which becomes primary; two new ones join; the lost ones, should they come back, stand down.
 */
final class MajorityLossIT {

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int REFUSED = 78;

  @Test
  void theThirdGoesOnAloneAndTheLostNeverComeBack() throws SQLException {
    try (RealCluster cluster =
        RealCluster.prepare(Ports.freeBlock(), "    profile: lan\n    failover_limit: 100\n")) {
      cluster.start();
      cluster.awaitHealthy(START);
      RealNode primary = cluster.primary().orElseThrow();
      execute(primary, "CREATE TABLE kept AS SELECT 1 AS id");
      RealNode survivor =
          cluster.nodes().stream().filter(node -> !node.equals(primary)).findFirst().orElseThrow();
      List<RealNode> lost =
          cluster.nodes().stream().filter(node -> !node.equals(survivor)).toList();

      String file = survivor.config().toString();
      assertThat(survivor.run("", "member", "recover-majority", file).text())
          .contains("stop this member's agent first");
      cluster.lose(lost.getLast());
      survivor.signalAgent("TERM");
      int _ = survivor.awaitAgentEnd(BOUND);
      refuseWhileAnotherAnswers(survivor, lost.getFirst());
      cluster.lose(lost.getFirst());
      recover(survivor);

      survivor.startAgent();
      Patience.await(
          "the last one left is primary",
          BOUND,
          () -> cluster.status(survivor, "/primary") == 200,
          cluster::evidence);
      assertThat(count(survivor)).isEqualTo(1);
      execute(survivor, "INSERT INTO kept VALUES (2)");

      Cli cli = new Cli(cluster);
      for (int i = 0; i < 2; i++) {
        RealNode added = cluster.another();
        CompletableFuture<Cli.Result> adding =
            cli.begin(
                "member",
                "add",
                added.name(),
                added.peerAddress() + ":" + added.raftPort(),
                added.peerAddress() + ":" + added.memberPort());
        added.startAgent();
        assertThat(adding.orTimeout(60, TimeUnit.SECONDS).join())
            .satisfies(result -> assertThat(result.status()).as("%s", result).isZero());
      }
      cluster.awaitHealthy(BOUND);

      // Both at once: a majority of the store that was given up.
      lost.forEach(RealNode::startAgent);
      for (RealNode node : lost) {
        assertThat(node.awaitAgentEnd(BOUND)).isEqualTo(REFUSED);
        assertThat(node.logTail(3)).contains("was given up and replaced");
        assertThat(node.instancePids()).isEmpty();
      }
      assertThat(cluster.primary()).contains(survivor);
      assertThat(count(survivor)).isEqualTo(2);
    }
  }

  private static void refuseWhileAnotherAnswers(RealNode survivor, RealNode other) {
    Cli.Result refused =
        survivor.run("", "member", "recover-majority", survivor.config().toString(), "--force");
    assertThat(refused.status()).as("%s", refused).isEqualTo(REFUSED);
    assertThat(refused.text()).contains(other.name() + " answers at ").contains("it is not lost");
  }

  private static void recover(RealNode survivor) {
    String file = survivor.config().toString();
    Cli.Result declined = survivor.run("n\n", "member", "recover-majority", file);
    assertThat(declined.status()).as("%s", declined).isEqualTo(1);
    assertThat(declined.text())
        .contains("last entry ", "given up    [node", "is lost, also if it was acknowledged")
        .contains("Give up the others for good? [y/N]", "nothing was changed");
    Cli.Result done = survivor.run("y\n", "member", "recover-majority", file);
    assertThat(done.status()).as("%s", done).isZero();
    assertThat(done.text()).contains(survivor.name() + " is the only voter of the store ");
  }

  private static void execute(RealNode node, String sql) throws SQLException {
    try (Connection connection = Ledger.connect(node);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int count(RealNode node) throws SQLException {
    try (Connection connection = Ledger.connect(node);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM kept")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
