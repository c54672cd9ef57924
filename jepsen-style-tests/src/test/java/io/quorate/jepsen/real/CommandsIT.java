package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Every command of {@code docs/commands.md}, run in its order on one cluster: what comes out must
 * have the shape of what stands there. With {@code -Dquorate.docs.record=true} the page is written
 * anew with what came out.
 */
final class CommandsIT {

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration SETTLE = Duration.ofSeconds(30);

  private static Path page() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path page = at.resolve("docs/commands.md");
      if (Files.isRegularFile(page)) {
        return page;
      }
    }
    throw new AssertionError("no docs/commands.md above " + Path.of("").toAbsolutePath());
  }

  @Test
  void theDocumentedCommandsDoWhatThePageShows() throws IOException {
    CommandsPage page = new CommandsPage(Files.readString(page()));
    assertThat(page.examples()).hasSizeGreaterThan(20);
    List<List<String>> outputs = new ArrayList<>();
    try (RealCluster cluster =
        RealCluster.prepare(
            Ports.freeBlock(),
            """
                profile: lan
                maximum_lag_on_failover: 1048576
                postgresql:
                  parameters: {max_connections: 50, shared_buffers: 16MB}
            """)) {
      cluster.start();
      cluster.awaitHealthy(START);
      awaitStoreAtRest(cluster);
      Map<String, String> names = names(cluster);
      for (CommandsPage.Example example : page.examples()) {
        outputs.add(run(cluster, names, example));
        cluster.awaitHealthy(SETTLE);
        awaitStoreAtRest(cluster);
        if (example.arguments().contains("-p")
            && example.output().contains("Configuration changed")) {
          awaitPending(cluster);
        }
      }
    }
    if (Boolean.getBoolean("quorate.docs.record")) {
      Files.writeString(page(), page.with(outputs));
      return;
    }
    for (int i = 0; i < outputs.size(); i++) {
      CommandsPage.Example example = page.examples().get(i);
      assertThat(CommandsPage.shape(outputs.get(i)))
          .as("output of %s: %s", example.arguments(), outputs.get(i))
          .containsExactlyElementsOf(CommandsPage.shape(example.output()));
    }
  }

  /** The store's leadership leaves the primary's host once all stream, and that is known to all. */
  private static void awaitStoreAtRest(RealCluster cluster) {
    Patience.await(
        "every node to know the store's leader",
        SETTLE,
        () -> {
          Optional<RealNode> leader = cluster.storeLeader();
          return leader.isPresent()
              && !leader.equals(cluster.primary())
              && cluster.nodes().stream()
                  .allMatch(node ->
                      cluster.metrics(node).getOrDefault("quorate_store_has_leader", 0.0) == 1.0);
        },
        cluster::evidence);
  }

  /** The parameter that was changed has come to every server, and waits for a restart. */
  private static void awaitPending(RealCluster cluster) {
    Patience.await(
        "all to wait for a restart",
        SETTLE,
        () ->
            cluster.primary().flatMap(node -> cluster.json(node, "/cluster")).stream()
                    .flatMap(view -> view.path("members").valueStream())
                    .filter(member -> member.path("pending_restart").asBoolean(false))
                    .count()
                == cluster.nodes().size(),
        cluster::evidence);
  }

  /** On the page node1 is the first primary. */
  private static Map<String, String> names(RealCluster cluster) {
    Map<String, String> names = new LinkedHashMap<>();
    RealNode primary = cluster.primary().orElseThrow();
    names.put("node1", primary.name());
    cluster.nodes().stream()
        .filter(node -> !node.equals(primary))
        .forEach(node -> names.put("node" + (names.size() + 1), node.name()));
    return names;
  }

  private static List<String> run(
      RealCluster cluster, Map<String, String> names, CommandsPage.Example example) {
    List<String> arguments = new ArrayList<>();
    example.arguments().forEach(argument -> arguments.add(names.getOrDefault(argument, argument)));
    for (RealNode node : cluster.nodes()) {
      arguments.add("--grpc-address");
      arguments.add("127.0.0.1:" + node.grpcPort());
    }
    StringWriter out = new StringWriter();
    InputStream stdin = System.in;
    System.setIn(new ByteArrayInputStream(example.answers().getBytes(StandardCharsets.UTF_8)));
    int status;
    try (PrintWriter writer = new PrintWriter(out, true)) {
      status = Main.run(arguments.toArray(String[]::new), writer, writer);
    } finally {
      System.setIn(stdin);
    }
    List<String> lines = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      String shown = line;
      for (Map.Entry<String, String> name : names.entrySet()) {
        shown = shown.replaceAll("\\b" + name.getValue() + "\\b", "@" + name.getKey());
      }
      lines.add(shown.replace("@node", "node"));
    }
    if (status != 0) {
      lines.add("(" + status + ")");
    }
    return lines;
  }
}
