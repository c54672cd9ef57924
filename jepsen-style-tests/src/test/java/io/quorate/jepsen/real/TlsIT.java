package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three members with certificates made as {@code docs/tls.md} says. */
final class TlsIT {

  private static final int BASE = 27_030;
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final int TRIES = 5;

  private static RealCluster cluster;
  private static Certificates authority;

  @BeforeAll
  static void start() throws IOException {
    cluster = RealCluster.secured(BASE, "    profile: lan\n", Files.readString(page()));
    authority = cluster.certificates();
    authority.client("ops");
    cluster.start();
    cluster.awaitHealthy(Duration.ofSeconds(90));
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  private static Path page() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path page = at.resolve("docs/tls.md");
      if (Files.isRegularFile(page)) {
        return page;
      }
    }
    throw new AssertionError("no docs/tls.md above " + Path.of("").toAbsolutePath());
  }

  @Test
  void programsAreServedWithCertificates() throws Exception {
    RealNode node = cluster.primary().orElseThrow();
    String ca = authority.file("ca.crt").toString();
    String[] shown = {
      "--cacert",
      ca,
      "--cert",
      authority.file("ops.crt").toString(),
      "--key",
      authority.file("ops.key").toString()
    };
    String address = node.address() + ":" + node.grpcPort();

    assertThat(cli(with(List.of("list", "--grpc-address", address), shown))).contains("Leader");
    assertThat(cli(List.of("list", "-c", node.config().toString()))).contains("Leader");
    assertThat(cli(List.of("list", "--grpc-address", address)))
        .contains("no member answers")
        .contains("TLS");
    Certificates other = new Certificates(authority.file("other"), Files.readString(page()));
    other.client("ops");
    assertThat(
            cli(
                with(
                    List.of("list", "--grpc-address", address),
                    "--cacert",
                    other.file("ca.crt").toString(),
                    "--cert",
                    authority.file("ops.crt").toString(),
                    "--key",
                    authority.file("ops.key").toString())))
        .contains("no member answers")
        .contains("authority");

    // Followed to its end, which is asked of every member.
    assertThat(cli(with(List.of("reload", "--force", "--grpc-address", address), shown)))
        .contains("Success: reload on member " + node.name() + ": ");

    String rest = "https://127.0.0.1:" + node.restPort() + "/primary";
    assertThat(run(List.of("curl", "-sS", "--cacert", ca, rest))).contains("\"role\"");
    assertThat(run(List.of("curl", "-sS", rest.replace("https", "http")))).contains("curl: (");

    String etcd = "https://127.0.0.1:" + node.etcdPort();
    List<String> etcdctl = with(List.of("etcdctl", "--endpoints", etcd), shown);
    assertThat(run(with(etcdctl, "put", "tls/a", "1"))).contains("OK");
    assertThat(run(with(etcdctl, "get", "tls/a"))).contains("tls/a\n1");
    assertThat(run(with(etcdctl, "member", "list"))).contains("https://");
    assertThat(
            run(
                with(
                    List.of("curl", "-sS", "-d", "{\"key\": \"dGxzL2E=\"}", etcd + "/v3/kv/range"),
                    shown)))
        .contains("\"kvs\"");
    assertThat(run(List.of("etcdctl", "--endpoints", etcd, "--cacert", ca, "get", "tls/a")))
        .doesNotContain("tls/a\n1");
  }

  @Test
  void whoIsNoMemberIsRefusedAndSaidOnce() throws Exception {
    RealNode node = cluster.nodes().getFirst();
    Certificates foreign = new Certificates(authority.file("foreign"), Files.readString(page()));
    foreign.member("node2");
    authority.expired("node9", "ended");
    Handshake.Everybody everybody = new Handshake.Everybody();
    SSLContext wrong = foreign.showing("node2", everybody);
    SSLContext ended = authority.showing("ended", everybody);
    SSLContext client = authority.showing("ops", everybody);
    SSLContext member = authority.showing("node2", everybody);

    for (int port : new int[] {node.memberPort(), node.raftPort()}) {
      assertThat(Handshake.with(port, member)).as("a member at %s", port).isPresent();
      for (int i = 0; i < TRIES; i++) {
        for (SSLContext context : List.of(wrong, ended, client, authority.trusting())) {
          assertThat(Handshake.with(port, context)).as("port %s", port).isEmpty();
        }
        assertThat(Handshake.plainTextAnswered(port)).isFalse();
      }
    }
    assertThat(Handshake.with(node.grpcPort(), client)).isPresent();
    assertThat(Handshake.with(node.grpcPort(), wrong)).isEmpty();

    String port = "peer=\"127.0.0.1\" \"port " + node.memberPort();
    List<String> expected =
        List.of(
            "peer=\"CN=node2\"",
            "peer=\"CN=node9\"",
            "peer=\"CN=ops\"",
            port + " demands a certificate, and it shows none",
            port + " speaks TLS, and it sends plain text");
    Patience.await(
        "a line for each refusal",
        BOUND,
        () -> expected.stream().allMatch(e -> refusals(node, e) > 0),
        () -> node.logTail(30));
    assertThat(expected).as(node.logTail(30)).allMatch(e -> refusals(node, e) == 1);
    assertThat(node.logTail(10_000)).doesNotContain("SSLHandshakeException");
  }

  private static long refusals(RealNode node, String who) {
    return node.logTail(10_000)
        .lines()
        .filter(line -> line.contains("tls outcome=refused " + who))
        .count();
  }

  @Test
  void newCertificatesAreTakenWithoutLosingAConnection() throws Exception {
    RealNode primary = cluster.primary().orElseThrow();
    Set<String> connections = connections();
    assertThat(connections).isNotEmpty();
    List<BigInteger> before = serials();
    Path seen = authority.file("watch.out");
    List<String> etcdctl =
        List.of(
            "etcdctl",
            "--endpoints",
            "https://127.0.0.1:" + primary.etcdPort(),
            "--cacert",
            authority.file("ca.crt").toString(),
            "--cert",
            authority.file("ops.crt").toString(),
            "--key",
            authority.file("ops.key").toString());
    Process watch =
        new ProcessBuilder(
                with(
                    with(List.of("env", "ETCDCTL_API=3"), etcdctl.toArray(String[]::new)),
                    "watch",
                    "rotated"))
            .redirectErrorStream(true)
            .redirectOutput(seen.toFile())
            .start();
    long began = System.nanoTime();
    try (Ledger ledger = Ledger.open(cluster);
        LeaseWatch lease = new LeaseWatch(cluster, primary)) {
      for (RealNode node : cluster.nodes()) {
        authority.member(node.name());
        authority.install(node.name(), node);
        node.signalAgent("HUP");
      }
      Patience.await(
          "new certificates in use",
          BOUND,
          () -> serials().stream().noneMatch(before::contains),
          cluster::evidence);
      int written = ledger.count();
      Patience.await("writes", BOUND, () -> ledger.count() > written + 200, cluster::evidence);
      Duration window = Duration.ofNanos(System.nanoTime() - began);
      assertThat(lease.seen().faults(window, Duration.ofSeconds(1), Duration.ofSeconds(3)))
          .isEmpty();
    }
    assertThat(connections()).containsAll(connections);
    assertThat(run(with(etcdctl, "put", "rotated", "yes"))).contains("OK");
    Patience.await(
        "the watch that began before",
        BOUND,
        () -> text(seen).contains("rotated"),
        () -> text(seen));
    watch.destroy();
    assertThat(watch.waitFor(10, TimeUnit.SECONDS)).isTrue();

    RealNode node = cluster.nodes().getLast();
    authority.member("node9");
    authority.install("node9", node);
    node.signalAgent("HUP");
    Patience.await(
        "refusal of another member's certificate",
        BOUND,
        () -> node.logTail(50).contains("the former certificate stays in use"),
        () -> node.logTail(30));
    authority.install(node.name(), node);
    node.signalAgent("HUP");
  }

  @Test
  void anotherHostTakesOverUnderTls() {
    RealNode lost = cluster.primary().orElseThrow();
    lost.killHost();
    lost.killPostgres();
    Patience.await(
        "another primary",
        BOUND,
        () -> cluster.primary().filter(node -> !node.equals(lost)).isPresent(),
        cluster::evidence);
    lost.startAgent();
    cluster.awaitHealthy(Duration.ofSeconds(60));
  }

  /** Of each member and Raft port. */
  private static List<BigInteger> serials() {
    List<BigInteger> serials = new ArrayList<>();
    for (RealNode node : cluster.nodes()) {
      SSLContext context = authority.showing("node1", new Handshake.Everybody());
      for (int port : new int[] {node.memberPort(), node.raftPort(), node.grpcPort()}) {
        Handshake.with(port, context).ifPresent(c -> serials.add(c.getSerialNumber()));
      }
    }
    return serials;
  }

  /** The connections between members that stand, both ports of each. */
  private static Set<String> connections() throws IOException {
    Set<String> ports = new TreeSet<>();
    for (RealNode node : cluster.nodes()) {
      ports.add("%04X".formatted(node.memberPort()));
      ports.add("%04X".formatted(node.raftPort()));
    }
    Set<String> standing = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/net/tcp6"))) {
      String[] fields = line.strip().split(" +", -1);
      if (fields.length > 3
          && fields[3].equals("01")
          && ports.contains(fields[1].substring(fields[1].indexOf(':') + 1))) {
        standing.add(fields[1] + " " + fields[2]);
      }
    }
    return standing;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  private static String cli(List<String> arguments) {
    StringWriter out = new StringWriter();
    try (PrintWriter writer = new PrintWriter(out, true)) {
      int _ = Main.run(arguments.toArray(String[]::new), writer, writer);
    }
    return out.toString();
  }

  private static List<String> with(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return all;
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
