package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * While its agent is away, a standby's PostgreSQL is made a primary by hand and written to: what it
 * got that way must never be taken for the cluster's, whatever its timeline says.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ForeignPrimaryIT {

  private static final Duration BOUND = Duration.ofMinutes(1);

  private RealCluster cluster;

  @BeforeAll
  void start() {
    cluster = RealCluster.prepare(Ports.freeBlock(), "    failover_limit: 100\n");
    cluster.start();
    cluster.awaitHealthy(Duration.ofMinutes(2));
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  @Test
  void startedAndFoundRunning() throws Exception {
    RealNode standby = withoutAgent();
    startAsPrimary(standby);
    assertComesBack(standby, "moving the data directory aside");
  }

  @Test
  void startedAndStoppedAgainUnseen() throws Exception {
    RealNode standby = withoutAgent();
    startAsPrimary(standby);
    control(standby, "stop", "-m", "fast");
    assertComesBack(standby, "moving the data directory aside");
  }

  @Test
  void promoted() throws Exception {
    RealNode standby = withoutAgent();
    control(standby, "promote");
    write(standby);
    assertComesBack(standby, "rewound");
  }

  private RealNode withoutAgent() {
    cluster.awaitHealthy(BOUND);
    RealNode primary = cluster.primary().orElseThrow();
    RealNode standby = cluster.nodes().stream().filter(n -> !n.equals(primary)).findFirst().get();
    standby.signalAgent("KILL");
    Patience.await(
        "end of the agent", BOUND, () -> standby.agentPid().isEmpty(), cluster::evidence);
    return standby;
  }

  private void startAsPrimary(RealNode standby) throws Exception {
    control(standby, "stop", "-m", "fast");
    Files.delete(standby.dataDirectory().resolve("standby.signal"));
    control(standby, "start", "-l", standby.directory().resolve("by-hand.log").toString());
    write(standby);
  }

  private void write(RealNode standby) throws SQLException {
    try (Connection connection = Ledger.connect(standby);
        Statement sql = connection.createStatement()) {
      sql.execute("CREATE TABLE by_hand AS SELECT generate_series(1, 1000) AS n");
    }
  }

  private void assertComesBack(RealNode standby, String said) throws SQLException {
    standby.startAgent();
    Patience.await(
        said + " in the log of " + standby.name(),
        BOUND,
        () -> standby.logTail(500).contains(said),
        cluster::evidence);
    // What the store says of a member may be from before its agent's end, for as long as its lease.
    Patience.await(
        standby.name() + " streams without what was written",
        BOUND,
        () -> streamsWithout(standby),
        cluster::evidence);
    cluster.awaitHealthy(BOUND);
    assertThat(standby.logTail(500)).contains("that was not started under a lease");
    for (RealNode node : cluster.nodes()) {
      try (Connection connection = Ledger.connect(node)) {
        assertThat(written(connection)).as("%s has what was written", node.name()).isFalse();
      }
    }
    try {
      Files.delete(standby.log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean streamsWithout(RealNode standby) {
    try (Connection connection = Ledger.connect(standby);
        Statement sql = connection.createStatement();
        var rows = sql.executeQuery("SELECT status FROM pg_stat_wal_receiver")) {
      return rows.next() && rows.getString(1).equals("streaming") && !written(connection);
    } catch (SQLException e) {
      return false;
    }
  }

  private static boolean written(Connection connection) throws SQLException {
    try (Statement sql = connection.createStatement();
        var rows = sql.executeQuery("SELECT to_regclass('by_hand') IS NOT NULL")) {
      rows.next();
      return rows.getBoolean(1);
    }
  }

  private static void control(RealNode node, String verb, String... more) throws Exception {
    Path program =
        Path.of(System.getProperty("quorate.pg.bin", "/usr/lib/postgresql/15/bin"), "pg_ctl");
    List<String> command =
        new ArrayList<>(
            List.of(program.toString(), verb, "-w", "-D", node.dataDirectory().toString()));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(Unprivileged.command(command))
            .directory(node.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor()).as("pg_ctl %s", verb).isZero();
  }
}
