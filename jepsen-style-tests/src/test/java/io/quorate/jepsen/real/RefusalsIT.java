package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How an agent ends that must not start: its exit status tells a supervisor whether to try again,
 * its log names setting and remedy, and nothing is made or changed.
 */
final class RefusalsIT {

  private static final int BASE = 26_480;
  private static final Duration BOUND = Duration.ofSeconds(30);

  private static final int AGAIN = 1;
  private static final int REFUSED = 78;

  private RealCluster cluster;
  private RealNode node;

  @BeforeEach
  void prepare() {
    cluster = RealCluster.prepare(BASE, "    failover_limit: 100\n");
    node = cluster.nodes().getFirst();
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  private void replace(String text, String by) throws IOException {
    String before = Files.readString(node.config());
    assertThat(before).contains(text);
    Files.writeString(node.config(), before.replace(text, by));
  }

  private int run() {
    node.startAgent();
    return node.awaitAgentEnd(BOUND);
  }

  @Test
  void wrongYamlIsRefused() throws IOException {
    replace("  use_pg_rewind: true", "  use_pg_rewnd: true");
    assertThat(run()).isEqualTo(REFUSED);
    assertThat(node.logTail(5))
        .contains("quorate.yml:")
        .contains("postgresql.use_pg_rewnd: is not a setting; did you mean 'use_pg_rewind'?");
    assertThat(node.dataDirectory()).doesNotExist();
  }

  @Test
  void missingProgramsAreRefused() throws IOException {
    replace("  bin_dir: ", "  bin_dir: /nowhere # ");
    assertThat(run()).isEqualTo(REFUSED);
    assertThat(node.logTail(5)).contains("postgresql.bin_dir: ").contains("/nowhere");
  }

  @Test
  void unusableDirectoriesAreRefused() throws IOException {
    Path file = Files.createFile(node.directory().resolve("file"));
    replace("state_dir: " + node.directory(), "state_dir: " + file);
    assertThat(run()).isEqualTo(REFUSED);
    assertThat(node.logTail(5)).contains("state_dir: ").contains(file + " is not a directory");
    assertThat(node.directory().resolve("raft")).doesNotExist();
  }

  @Test
  void portsInUseMayBeFreeLater() throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.setReuseAddress(true);
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.restPort()));
      assertThat(run()).isEqualTo(AGAIN);
    }
    assertThat(node.logTail(5)).contains("restapi.listen: ").contains("" + node.restPort());
    try (ServerSocket taken = new ServerSocket()) {
      taken.setReuseAddress(true);
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.raftPort()));
      assertThat(run()).isEqualTo(AGAIN);
    }
    assertThat(node.logTail(5)).contains("raft.listen: ").contains("" + node.raftPort());
  }

  @Test
  void directoriesOfAnotherAgentAreLeftAlone() throws IOException {
    node.startAgent();
    Patience.await(
        "a start", BOUND, () -> cluster.status(node, "/liveness") != 0, () -> node.logTail(20));
    RealNode other = cluster.nodes().getLast();
    String own = Files.readString(other.config());
    String sameState =
        own.replace("state_dir: " + other.directory(), "state_dir: " + node.directory());
    Files.writeString(other.config(), sameState);
    other.startAgent();
    assertThat(other.awaitAgentEnd(BOUND)).isEqualTo(AGAIN);
    assertThat(other.logTail(3)).contains("state_dir: another agent (process ");
    String sameData =
        own.replace("data_dir: " + other.dataDirectory(), "data_dir: " + node.dataDirectory());
    assertThat(sameData).isNotEqualTo(own);
    Files.writeString(other.config(), sameData);
    other.startAgent();
    assertThat(other.awaitAgentEnd(BOUND)).isEqualTo(AGAIN);
    assertThat(other.logTail(3)).contains("postgresql.data_dir: another agent (process ");
    assertThat(node.agentPid()).isPresent();
  }

  @Test
  void wipedStoreIsRefused() throws IOException {
    node.startAgent();
    Patience.await(
        "an identity", BOUND, () -> cluster.status(node, "/liveness") != 0, () -> node.logTail(20));
    node.killHost();
    int _ = node.awaitAgentEnd(BOUND);
    try (Stream<Path> files = Files.walk(node.directory().resolve("raft"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    assertThat(run()).isEqualTo(REFUSED);
    assertThat(node.logTail(5)).contains("raft.data_dir: ").contains("holds no identity");
  }
}
