package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Everything of a host on one small disk, and that is full. */
final class DiskFullIT {

  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int MORE_THAN_FITS = 40;

  private RealCluster cluster;
  private final List<Path> mounted = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Unprivileged.needed(), "mounting small file systems needs root");
    cluster = RealCluster.prepare(Ports.freeBlock(), "    failover_limit: 100\n");
    for (RealNode node : cluster.nodes()) {
      String config = Files.readString(node.config());
      command("mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", node.directory().toString());
      mounted.add(node.directory());
      Files.writeString(node.config(), config);
      Unprivileged.own(node.directory());
    }
    cluster.start();
    cluster.awaitHealthy(Duration.ofMinutes(2));
  }

  @AfterEach
  void end() throws Exception {
    if (cluster != null) {
      cluster.nodes().forEach(RealNode::killHost);
      for (Path mount : mounted) {
        command("umount", "--lazy", mount.toString());
      }
      cluster.close();
    }
  }

  private static void command(String... words) throws Exception {
    assertThat(new ProcessBuilder(words).inheritIO().start().waitFor())
        .as(String.join(" ", words))
        .isZero();
  }

  private static void fill(Path file) {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  @Test
  void aFullDiskOfThePrimaryIsFailedOverAndComesBackByItself() throws SQLException, IOException {
    RealNode old = cluster.primary().orElseThrow();
    Path filler = old.directory().resolve("filler");
    try (Ledger ledger = Ledger.open(cluster)) {
      await("writes", () -> ledger.count() > 50);
      fill(filler);
      long filled = System.nanoTime();
      needMoreSegments(old);
      await(
          "another primary that takes writes",
          () ->
              cluster.primary().filter(now -> !now.equals(old)).isPresent()
                  && ledger.lastAckNanos() > filled + Duration.ofMillis(500).toNanos());
      RealNode now = cluster.primary().orElseThrow();
      assertThat(cluster.json(now, "/failovers").orElseThrow().toString())
          .contains("no space left on the disk of postgresql.data_dir");

      Files.delete(filler);
      cluster.awaitHealthy(BOUND);
      ledger.stop();
      assertThat(ledger.missingOn(now)).as("acknowledged and lost").isEmpty();
    }
  }

  /** PostgreSQL writes into the segments that it has, until it needs another. */
  private static void needMoreSegments(RealNode node) {
    try (Connection connection = Ledger.connect(node);
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < MORE_THAN_FITS; i++) {
        statement.execute("SELECT pg_logical_emit_message(true, 'test', ''), pg_switch_wal()");
      }
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as(e.getMessage()).matches("08...|57P..|53100|58030");
    }
  }

  private void await(String what, java.util.function.BooleanSupplier condition) {
    Patience.await(what, BOUND, condition, cluster::evidence);
  }
}
