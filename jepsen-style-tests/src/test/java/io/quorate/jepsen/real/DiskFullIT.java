package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quorate.cli.Main;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Everything of a host on one small disk, and that is full; or the store alone. */
final class DiskFullIT {

  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final int MORE_THAN_FITS = 40;

  /** Of a value of the store, in characters of the JSON form. */
  private static final int VALUE = 400_000;

  private RealCluster cluster;
  private final List<Path> mounted = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Unprivileged.needed(), "mounting small file systems needs root");
    cluster = RealCluster.prepare(Ports.freeBlock(), "    failover_limit: 100\n");
    for (RealNode node : cluster.nodes()) {
      String config = Files.readString(node.config());
      mount(node.directory(), "200m");
      Files.writeString(
          node.config(),
          config + "etcd_api: {listen: \"%s:%d\"}\n".formatted(node.address(), node.etcdPort()));
      Files.createDirectory(node.raftDirectory());
      mount(node.raftDirectory(), "32m");
      Unprivileged.own(node.directory());
    }
    cluster.start();
    cluster.awaitHealthy(Duration.ofMinutes(2));
  }

  private void mount(Path directory, String size) throws Exception {
    command("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", directory.toString());
    mounted.addFirst(directory);
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

  /** The primary goes on: its lease is renewed through the other members. */
  @Test
  void aFullDiskOfThePrimarysStoreCostsNoFailover() throws Exception {
    RealNode primary = cluster.primary().orElseThrow();
    RealNode other =
        cluster.nodes().stream().filter(node -> !node.equals(primary)).findFirst().orElseThrow();
    Path filler = primary.raftDirectory().resolve("filler");
    try (Ledger ledger = Ledger.open(cluster)) {
      await("writes", () -> ledger.count() > 50);
      fill(filler);
      long filled = System.nanoTime();
      await(
          "the store of " + primary.name() + " finds no room",
          () -> put(other) && status(primary).contains("No space left"));
      Patience.keeps(
          "writes on " + primary.name(),
          Duration.ofSeconds(8),
          () -> cluster.primary().equals(Optional.of(primary)),
          cluster::evidence);
      assertThat(ledger.longestGapSince(filled).length()).isLessThan(Duration.ofSeconds(2));

      Files.delete(filler);
      await(
          "the store goes on there",
          () -> put(other) && !status(primary).contains("No space left"));
      cluster.awaitHealthy(BOUND);
      assertThat(cluster.primary()).isEqualTo(Optional.of(primary));
      ledger.stop();
      assertThat(ledger.missingOn(primary)).as("acknowledged and lost").isEmpty();
    }
  }

  /** What a member says of the cluster and of its own part of the store. */
  private static String status(RealNode node) {
    StringWriter said = new StringWriter();
    try (PrintWriter out = new PrintWriter(said, true)) {
      int _ =
          Main.run(
              new String[] {
                "status", "--grpc-address", node.address() + ":" + node.grpcPort(), "--timeout", "2"
              },
              out,
              out);
    }
    return said.toString();
  }

  /** Makes the log longer. */
  private static boolean put(RealNode through) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://%s:%d/v3/kv/put".formatted(through.address(), through.etcdPort())))
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"key\":\"ZmlsbA==\",\"value\":\"" + "YWFh".repeat(VALUE / 4) + "\"}"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
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
