package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Two hosts with PostgreSQL and a witness: one cluster through the loss of each of the three. */
final class WitnessIT {

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration SETTLE = Duration.ofSeconds(30);
  private static final String REASON =
      "node3 is a witness: it votes in the store and has no PostgreSQL";

  @Test
  void eitherDatabaseHostOrTheWitnessMayBeLost() throws Exception {
    try (RealCluster cluster =
        RealCluster.withWitness(Ports.freeBlock(), "    failover_limit: 100\n")) {
      cluster.start();
      cluster.awaitHealthy(START);
      shownAsWhatItIs(cluster);
      refusedAsCandidate(cluster);
      settingsThatNobodyTried(cluster);
      leadsTheStore(cluster);
      RealNode old = cluster.primary().orElseThrow();
      RealNode standby =
          cluster.databases().stream().filter(n -> !n.equals(old)).findFirst().orElseThrow();
      try (Ledger ledger = Ledger.open(cluster)) {
        losing(standby, cluster, ledger);
        losing(cluster.witness(), cluster, ledger);
        assertThat(cluster.primary()).as("no failover so far").contains(old);
        ledger.stop();
        Patience.await(
            "all rows on the standby", SETTLE, () -> missing(ledger, standby), cluster::evidence);

        old.killHost();
        Patience.await(
            "the other host's PostgreSQL as primary",
            SETTLE,
            () -> cluster.primary().filter(standby::equals).isPresent(),
            cluster::evidence);
        assertThat(ledger.missingOn(standby)).isEmpty();
        try (Ledger next = Ledger.open(cluster)) {
          takesWrites(cluster, next);
          old.startAgent();
          cluster.awaitHealthy(SETTLE);
          next.stop();
          assertThat(next.missingOn(standby)).isEmpty();
        }
      }
      replaced(cluster);
      stopsLast(cluster);
    }
  }

  /** Its storage is gone: another takes its place, and its vote. */
  private static void replaced(RealCluster cluster) {
    RealNode witness = cluster.witness();
    witness.killHost();
    int _ = witness.awaitAgentEnd(SETTLE);
    witness.wipeStore();
    CompletableFuture<Cli.Result> replacing =
        new Cli(cluster).begin("member", "replace", witness.name());
    witness.startAgent();
    Cli.Result result = replacing.orTimeout(60, TimeUnit.SECONDS).join();
    assertThat(result.status()).as("%s", result).isZero();
    assertThat(result.text()).contains(witness.name() + " is a voter as ").contains(" is gone");
    cluster.awaitHealthy(SETTLE);
    assertThat(new Cli(cluster).run("list").text())
        .containsPattern("\\| node3 +\\| 127.0.0.1 +\\| Witness +\\| running ");
  }

  private static boolean missing(Ledger ledger, RealNode node) {
    try {
      return ledger.missingOn(node).isEmpty();
    } catch (SQLException e) {
      return false;
    }
  }

  /** The primary writes on without {@code node}, which then comes back. */
  private static void losing(RealNode node, RealCluster cluster, Ledger ledger) {
    node.killHost();
    takesWrites(cluster, ledger);
    node.startAgent();
    cluster.awaitHealthy(SETTLE);
  }

  /** For longer than a lease lasts that nobody can renew. */
  private static void takesWrites(RealCluster cluster, Ledger ledger) {
    long began = System.nanoTime();
    Patience.await(
        "a lease's time of writes",
        SETTLE,
        () ->
            System.nanoTime() - began > Duration.ofSeconds(4).toNanos()
                && ledger.lastAckNanos() > began + Duration.ofSeconds(4).toNanos(),
        cluster::evidence);
    assertThat(ledger.longestGapSince(began).length()).isLessThan(Duration.ofSeconds(3));
  }

  private static void shownAsWhatItIs(RealCluster cluster) {
    RealNode witness = cluster.witness();
    assertThat(List.of("/primary", "/replica", "/health", "/liveness", "/readiness"))
        .extracting(path -> path + " " + cluster.status(witness, path))
        .containsExactly(
            "/primary 503", "/replica 503", "/health 503", "/liveness 200", "/readiness 200");
    JsonNode shown = cluster.json(witness, "/patroni").orElseThrow();
    assertThat(shown.path("role").asString()).isEqualTo("witness");
    assertThat(shown.path("state").asString()).isEqualTo("running");
    JsonNode member =
        cluster
            .json(cluster.primary().orElseThrow(), "/cluster")
            .orElseThrow()
            .path("members")
            .get(2);
    assertThat(member.path("name").asString()).isEqualTo("node3");
    assertThat(member.path("role").asString()).isEqualTo("witness");
    assertThat(member.has("port")).isFalse();
    assertThat(cluster.metrics(witness)).containsEntry("quorate_witness", 1.0);
    assertThat(witness.processesMentioning(witness.directory().toString()))
        .as("processes of the witness: no guardian")
        .containsExactlyElementsOf(witness.agentPid().stream().toList());
    assertThat(new Cli(cluster).run("list").text())
        .containsPattern("\\| node3 +\\| 127.0.0.1 +\\| Witness +\\| running ");
  }

  private static void refusedAsCandidate(RealCluster cluster) throws Exception {
    Cli cli = new Cli(cluster);
    for (List<String> command :
        List.of(
            List.of("switchover", "--candidate", "node3", "--force"),
            List.of("failover", "--candidate", "node3", "--force"),
            List.of("restart", "node3", "--force"),
            List.of("reload", "node3", "--force"),
            List.of("reinit", "node3", "--force"))) {
      Cli.Result result = cli.run(command.toArray(String[]::new));
      assertThat(result.status()).as("%s", command).isNotZero();
      assertThat(result.text()).as("%s", command).contains(REASON);
    }
    String leader = cluster.primary().orElseThrow().name();
    HttpResponse<String> answer =
        post(
            cluster.witness(),
            "/switchover",
            "{\"leader\": \"%s\", \"candidate\": \"node3\"}".formatted(leader));
    assertThat(answer.statusCode()).isEqualTo(412);
    assertThat(answer.body()).isEqualTo("switchover is not possible: " + REASON);
    assertThat(post(cluster.witness(), "/reinitialize", "{}").body()).isEqualTo(REASON);
  }

  /** The witness has no PostgreSQL to ask first: each of the others says what it does not take. */
  private static void settingsThatNobodyTried(RealCluster cluster) {
    RealNode witness = cluster.witness();
    String said = "the cluster's parameters are not in force: postgresql.parameters: PostgreSQL";
    for (String value : List.of("plenty", "null")) {
      try (PrintWriter out = new PrintWriter(new StringWriter())) {
        String[] command = {
          "edit-config",
          "--force",
          "-p",
          "work_mem=" + value,
          "--grpc-address",
          witness.address() + ":" + witness.grpcPort()
        };
        assertThat(Main.run(command, out, out)).isZero();
      }
      boolean refused = value.equals("plenty");
      Patience.await(
          "both to say what they think of " + value,
          SETTLE,
          () -> {
            String list = new Cli(cluster).run("list").text();
            return list.contains("node1: " + said) == refused
                && list.contains("node2: " + said) == refused;
          },
          cluster::evidence);
    }
  }

  private static HttpResponse<String> post(RealNode node, String path, String body)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(
                  URI.create("http://" + node.address() + ":" + node.restPort() + path))
              .timeout(Duration.ofSeconds(30))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static void leadsTheStore(RealCluster cluster) {
    RealNode primary = cluster.primary().orElseThrow();
    RealNode leader = cluster.storeLeaderBeside(primary);
    assertThat(leader).isNotEqualTo(primary);
  }

  private static void stopsLast(RealCluster cluster) throws IOException {
    assertThat(new Cli(cluster).run("stop-cluster", "--force").status()).isZero();
    for (RealNode node : cluster.nodes()) {
      assertThat(node.awaitAgentEnd(SETTLE)).as("%s", node.name()).isZero();
    }
    assertThat(java.nio.file.Files.readString(cluster.witness().log()))
        .contains("keeping the store's majority");
  }
}
