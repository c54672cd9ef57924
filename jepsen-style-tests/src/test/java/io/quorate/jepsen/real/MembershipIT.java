package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** Members with PostgreSQL come and go by {@code quorate member} while the cluster serves. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class MembershipIT {

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration SETTLE = Duration.ofSeconds(60);

  private RealCluster cluster;
  private Cli cli;

  @BeforeAll
  void start() {
    cluster = RealCluster.prepare(Ports.freeBlock(), "    profile: lan\n");
    cli = new Cli(cluster);
    cluster.start();
    cluster.awaitHealthy(START);
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private static String raft(RealNode node) {
    return node.peerAddress() + ":" + node.raftPort();
  }

  private static String service(RealNode node) {
    return node.peerAddress() + ":" + node.memberPort();
  }

  private void refused(String why, String... command) {
    Cli.Result result = cli.begin(command).orTimeout(5, TimeUnit.SECONDS).join();
    assertThat(result.status()).as("%s", result).isNotZero();
    assertThat(result.text()).contains(why);
  }

  @Test
  @Order(1)
  void whatCannotBeIsRefusedWithTheReason() {
    RealNode one = cluster.nodes().getFirst();
    refused("no voter named 'nobody'", "member", "remove", "nobody");
    refused("no voter named 'nobody'", "member", "replace", "nobody");
    refused("no voter named nobody", "member", "move-leader", "nobody");
    refused("Missing required parameter", "member", "add", "node4");
    refused("is not host:port", "member", "add", "node4", "somewhere", "127.0.0.1:1");
    refused("is not host:port", "member", "add", "node4", "127.0.0.1:1", "127.0.0.1:99999");
    refused("letters, digits", "member", "add", "node 4", "127.0.0.1:1", "127.0.0.1:2");
    refused("is a voter already", "member", "add", "node1", "127.0.0.1:1", "127.0.0.1:2");
    refused("is an address of node1 already", "member", "add", "node4", raft(one), "127.0.0.1:2");
    refused("runs and answers as", "member", "replace", "node1");
    refused("no listener named 'nobody'", "member", "promote", "nobody");
    refused(
        "waiting for node4 to ask",
        "member",
        "add",
        "node4",
        "127.0.0.1:1",
        "127.0.0.1:2",
        "--wait",
        "1");
    assertThat(cli.run("member", "list").text()).doesNotContain("node4");
  }

  @Test
  @Order(2)
  void aFourthMemberListensClonesStreamsAndIsPromoted() {
    // Corrects the wish above.
    RealNode fourth = cluster.another();
    CompletableFuture<Cli.Result> adding =
        cli.begin("member", "add", "--listener", "node4", raft(fourth), service(fourth));
    fourth.startAgent();
    cluster.awaitHealthy(SETTLE);

    Cli.Result added = adding.orTimeout(60, TimeUnit.SECONDS).join();
    assertThat(added.status()).as("%s", added).isZero();
    assertThat(added.text()).contains("node4 is a listener, as node4-");
    assertThat(cli.run("member", "list").text()).contains("node4", raft(fourth), "listener");
    refused("no voter named node4", "member", "move-leader", "node4");

    // A new listener's Raft server is started again once, and answers nobody meanwhile.
    Patience.await(
        "the listener serves",
        SETTLE,
        () -> fourth.logTail(200).contains("the Raft server runs again"),
        () -> fourth.logTail(60));
    Cli.Result promoted = cli.run("member", "promote", "node4");
    assertThat(promoted.status()).as("%s", promoted).isZero();
    assertThat(promoted.text()).contains("node4 is a voter");
    assertThat(cli.run("member", "list").text()).doesNotContain("listener");
  }

  @Test
  @Order(3)
  void anotherMemberLeadsTheStore() {
    Cli.Result moved = cli.run("member", "move-leader", "node4");
    assertThat(moved.status()).as("%s", moved).isZero();
    assertThat(moved.text()).contains("node4 leads the store");
    assertThat(cluster.storeLeader()).map(RealNode::name).contains("node4");
  }

  /** It leads the store, and has to hand that over first. */
  @Test
  @Order(4)
  void aMemberIsRemoved() {
    RealNode fourth = cluster.nodes().getLast();
    Cli.Result removed = cli.run("member", "remove", "node4");
    assertThat(removed.status()).as("%s", removed).isZero();
    assertThat(removed.text()).contains("node4 is no voter any more");
    assertThat(cli.run("member", "list").text()).doesNotContain("node4");
    Patience.await(
        "it says that it was removed",
        SETTLE,
        () -> fourth.logTail(200).contains("was removed from the store"),
        () -> fourth.logTail(60));
    cluster.lose(fourth);
    cluster.awaitHealthy(SETTLE);
  }

  @Test
  @Order(5)
  void aMemberWithAWipedDiskIsReplaced() {
    RealNode primary = cluster.primary().orElseThrow();
    RealNode wiped =
        cluster.nodes().stream().filter(node -> !node.equals(primary)).findFirst().orElseThrow();
    wiped.killHost();
    int _ = wiped.awaitAgentEnd(SETTLE);
    wiped.wipeStore();
    CompletableFuture<Cli.Result> replacing = cli.begin("member", "replace", wiped.name());
    wiped.startAgent();
    Cli.Result replaced = replacing.orTimeout(60, TimeUnit.SECONDS).join();
    assertThat(replaced.status()).as("%s", replaced).isZero();
    assertThat(replaced.text()).contains(wiped.name() + " is a voter as ").contains(" is gone");
    cluster.awaitHealthy(SETTLE);
    assertThat(cluster.primary()).contains(primary);
  }
}
