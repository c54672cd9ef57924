package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Three agents with PostgreSQL on this machine, in a directory of their own, on ports {@code base}
 * … {@code base + 49}; more may be added. Closing ends everything and removes the directory.
 */
public final class RealCluster implements AutoCloseable {

  /** Nodes of a cluster. */
  static final int SIZE = 3;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path directory;
  private final HostNetwork network;
  private final int base;
  private final String dynamicSettings;
  private final List<RealNode> nodes = new ArrayList<>();
  private final List<RealNode> lost = new ArrayList<>();
  private List<String> program = List.of();
  private final Optional<Certificates> certificates;
  private final HttpClient http;

  private RealCluster(
      Path directory,
      HostNetwork network,
      int base,
      String dynamicSettings,
      Optional<String> page) {
    this.directory = directory;
    this.certificates = page.map(text -> new Certificates(directory.resolve("authority"), text));
    HttpClient.Builder http = HttpClient.newBuilder().connectTimeout(Duration.ofMillis(500));
    certificates.ifPresent(made -> http.sslContext(made.trusting()));
    this.http = http.build();
    this.network = network;
    this.base = base;
    this.dynamicSettings = dynamicSettings;
  }

  /**
   * Prepares a cluster; nothing runs yet.
   *
   * @param dynamicSettings lines of {@code bootstrap.dcs}, indented by four blanks
   */
  public static RealCluster prepare(int base, String dynamicSettings) {
    return prepare(base, dynamicSettings, HostNetwork.loopback());
  }

  /** The same, the last of them a witness. */
  public static RealCluster withWitness(int base, String dynamicSettings) {
    return prepare(base, dynamicSettings, HostNetwork.loopback(), SIZE - 1, Optional.empty());
  }

  /** The same on hosts of this network, which the cluster closes. */
  public static RealCluster prepare(int base, String dynamicSettings, HostNetwork network) {
    return prepare(base, dynamicSettings, network, SIZE, Optional.empty());
  }

  /**
   * The same on loopback under TLS, with a port for etcd's clients each, on ports up to {@code base
   * + 59}.
   *
   * @param page whose commands make the certificates
   */
  static RealCluster secured(int base, String dynamicSettings, String page) {
    return prepare(base, dynamicSettings, HostNetwork.loopback(), SIZE, Optional.of(page));
  }

  private static RealCluster prepare(
      int base, String dynamicSettings, HostNetwork network, int databases, Optional<String> page) {
    try {
      Path directory = Files.createTempDirectory("quorate-real-");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      RealCluster cluster = new RealCluster(directory, network, base, dynamicSettings, page);
      cluster.program = Program.install(directory.resolve("program"));
      for (int i = 1; i <= SIZE; i++) {
        cluster.nodes.add(cluster.node(i, i > databases));
      }
      for (RealNode node : cluster.nodes) {
        cluster.configure(node, cluster.nodes);
      }
      return cluster;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RealNode node(int index, boolean witness) throws IOException {
    Path home = Files.createDirectory(directory.resolve("node" + index));
    return new RealNode(index, base, home, program, network, witness);
  }

  private void configure(RealNode node, List<RealNode> members) throws IOException {
    certificates.ifPresent(made -> {
      made.member(node.name());
      made.install(node.name(), node);
    });
    String security =
        certificates.isPresent() ? Certificates.settings(node) : "insecure_plaintext: true";
    Files.writeString(node.config(), NodeFile.text(node, members, dynamicSettings, security));
    Unprivileged.own(node.directory());
  }

  /** One more node, which does not run yet, and which the files of the others do not list. */
  RealNode another() {
    try {
      RealNode node = node(nodes.size() + lost.size() + 1, false);
      nodes.add(node);
      configure(node, nodes);
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends a node's processes for good: it belongs to the cluster no more. */
  void lose(RealNode node) {
    end(node);
    nodes.remove(node);
    lost.add(node);
  }

  /** What a secured cluster's certificates come from. */
  Certificates certificates() {
    return certificates.orElseThrow();
  }

  /** All nodes. */
  public List<RealNode> nodes() {
    return List.copyOf(nodes);
  }

  /** Agents started from now on run from a second copy of the program. */
  void upgrade() {
    List<String> program = Program.install(directory.resolve("upgraded"));
    nodes.forEach(node -> node.program(program));
  }

  /** Starts all agents. */
  public void start() {
    nodes.forEach(RealNode::startAgent);
  }

  /** Nodes that have a PostgreSQL. */
  public List<RealNode> databases() {
    return nodes.stream().filter(node -> !node.isWitness()).toList();
  }

  /** The node that has none. */
  RealNode witness() {
    return nodes.stream().filter(RealNode::isWitness).findFirst().orElseThrow();
  }

  /** Waits until one node is a writable primary and the others stream from it. */
  public void awaitHealthy(Duration bound) {
    Patience.await("one primary and all others streaming", bound, this::healthy, this::evidence);
  }

  /** Whether one is primary and all others stream on its timeline, beside a witness. */
  public boolean healthy() {
    Optional<JsonNode> cluster = anyCluster();
    if (cluster.isEmpty()) {
      return false;
    }
    int leaders = 0;
    int streaming = 0;
    String timeline = "";
    List<String> timelines = new ArrayList<>();
    for (JsonNode member : cluster.get().path("members")) {
      String role = member.path("role").asString();
      if (role.equals("witness")) {
        continue;
      }
      timelines.add(member.path("timeline").asString());
      if (role.equals("leader") && member.path("state").asString().equals("running")) {
        leaders++;
        timeline = member.path("timeline").asString();
      } else if (member.path("state").asString().equals("streaming")) {
        streaming++;
      }
    }
    String expected = timeline;
    return leaders == 1
        && streaming == databases().size() - 1
        && timelines.stream().allMatch(expected::equals)
        && primary().isPresent();
  }

  /** The node whose {@code /primary} answers 200. */
  public Optional<RealNode> primary() {
    return nodes.stream().filter(node -> status(node, "/primary") == 200).findFirst();
  }

  /** The node that leads the store, by its own word. */
  public Optional<RealNode> storeLeader() {
    return nodes.stream()
        .filter(node -> metrics(node).getOrDefault("quorate_store_leader", 0.0) == 1.0)
        .findFirst();
  }

  /** The node that leads the store, once it is not {@code node}. */
  RealNode storeLeaderBeside(RealNode node) {
    Patience.await(
        "a leader of the store that is not on " + node.name(),
        Duration.ofSeconds(30),
        () -> storeLeader().filter(leader -> !leader.equals(node)).isPresent(),
        this::evidence);
    return storeLeader().orElseThrow();
  }

  /** Metrics by name; empty if nobody answers. */
  Map<String, Double> metrics(RealNode node) {
    return get(node, "/metrics")
        .map(response -> LeaseWatch.parse(response.body()))
        .orElse(Map.of());
  }

  /** Status code of a GET, or 0 if nobody answers. */
  public int status(RealNode node, String path) {
    return get(node, path).map(HttpResponse::statusCode).orElse(0);
  }

  /** Parsed body of a GET. */
  public Optional<JsonNode> json(RealNode node, String path) {
    return get(node, path).map(response -> JSON.readTree(response.body()));
  }

  private Optional<HttpResponse<String>> get(RealNode node, String path) {
    try {
      return Optional.of(
          http.send(
              HttpRequest.newBuilder(
                      URI.create(
                          (certificates.isPresent() ? "https://" : "http://")
                              + node.address()
                              + ":"
                              + node.restPort()
                              + path))
                  .timeout(Duration.ofSeconds(1))
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private Optional<JsonNode> anyCluster() {
    return primary().flatMap(node -> json(node, "/cluster"));
  }

  /** What one needs to see when something did not happen. */
  public String evidence() {
    StringBuilder text = new StringBuilder();
    for (RealNode node : nodes) {
      text.append("== ").append(node.name()).append('\n').append(node.logTail(40)).append('\n');
      json(node, "/cluster").ifPresent(c -> text.append(c).append('\n'));
    }
    return text.toString();
  }

  private static void end(RealNode node) {
    node.killHost();
    Patience.await(
        "end of " + node.name(),
        Duration.ofSeconds(10),
        () -> {
          node.killPostgres();
          return node.instancePids().isEmpty();
        },
        () -> node.instancePids().toString());
  }

  @Override
  public void close() {
    for (RealNode node : nodes) {
      node.signalAgent("CONT");
      node.killHost();
    }
    nodes.forEach(RealCluster::end);
    lost.forEach(RealCluster::end);
    network.close();
    if (Boolean.getBoolean("quorate.keep")) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
