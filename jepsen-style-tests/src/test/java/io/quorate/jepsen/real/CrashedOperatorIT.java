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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever asks may die, and so may whoever answers or acts: what was wished for stands in the
 * store, is seen there, can be taken back, and comes to its end.
 */
final class CrashedOperatorIT {

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration BOUND = Duration.ofSeconds(40);

  private static final Pattern TAKEN_UP =
      Pattern.compile("(pending|preparing|stopping|stopped|handing over): ");

  private static final Pattern COPIED =
      Pattern.compile("[0-9]+ of [1-9][0-9]+ MB \\([0-9]+ %\\), [0-9.]+ MB/s, [0-9]+ s left");

  @TempDir private Path dir;
  private RealCluster cluster;
  private Cli cli;
  private RealNode primary;
  private RealNode one;
  private RealNode other;

  @BeforeEach
  void start() {
    cluster = RealCluster.prepare(Ports.freeBlock(), "    profile: lan\n");
    cli = new Cli(cluster);
    cluster.start();
    cluster.awaitHealthy(START);
    primary = cluster.primary().orElseThrow();
    List<RealNode> standbys =
        cluster.nodes().stream().filter(node -> !node.equals(primary)).toList();
    one = standbys.getFirst();
    other = standbys.getLast();
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  void whatWasWishedForOutlivesWhoAskedAndWhoAnswered() throws IOException, SQLException {
    scheduledWishIsSeenAndTakenBack();
    editThatIsCutOffChangesNothing();
    restartGoesOn();
    reinitGoesOnAfterTheAgentsEnd();
    reinitTellsHowFarItIs();
    failoverGoesOnWithoutWhoTookTheCall();
    failoverWithoutPrimary();
  }

  private void scheduledWishIsSeenAndTakenBack() {
    Path said = dir.resolve("scheduled");
    Process asked =
        one.startCommand(
            said, "restart", "--force", other.name(), "--scheduled", "2099-01-01T00:00:00Z");
    await("the restart to be scheduled", () -> list().contains("2099-01-01"));
    kill(asked);
    assertThat(cli.done("flush", "restart", "--force")).contains("taken back: restart");
    await("nothing scheduled", () -> isListedWithout("2099-01-01"));
  }

  private void editThatIsCutOffChangesNothing() {
    String before = cli.done("show-config");
    Path said = dir.resolve("edit");
    Process asked = one.startCommand(said, "edit-config", "-s", "maximum_lag_on_failover=7");
    await("its question", () -> text(said).contains("Apply these changes?"));
    kill(asked);
    assertThat(cli.done("show-config")).isEqualTo(before);
  }

  private void restartGoesOn() {
    long server = one.postmasterPid().orElseThrow();
    Path said = dir.resolve("restart");
    Process asked = other.startCommand(said, "restart", "--force", one.name());
    await("the restart to be taken up", () -> text(said).contains(": "));
    kill(asked);
    await(
        "another server",
        () -> one.postmasterPid().filter(pid -> pid != server).isPresent() && cluster.healthy());
    await("nothing left open", () -> isListedWithout("restart of"));
  }

  private void reinitGoesOnAfterTheAgentsEnd() throws IOException {
    Path said = dir.resolve("reinit");
    Process asked = primary.startCommand(said, "reinit", other.name(), "--force", "--wait");
    await("the directory to be put aside", () -> other.instancePids().isEmpty());
    kill(asked);
    other.signalAgent("KILL");
    int _ = other.awaitAgentEnd(BOUND);
    await("the wish in the list", () -> list().contains("reinit of " + other.name()));
    limitCopies(other);
    other.startAgent();
    cluster.awaitHealthy(BOUND);
    await("nothing left open", () -> isListedWithout("reinit of"));
  }

  private static void limitCopies(RealNode node) throws IOException {
    String file = Files.readString(node.config());
    String slow =
        file.replace("  use_pg_rewind:", "  basebackup: {max-rate: 16M}\n  use_pg_rewind:");
    assertThat(slow).isNotEqualTo(file);
    Files.writeString(node.config(), slow);
  }

  /** The copy goes as slowly as its member's file says, so it takes long enough to be seen. */
  private void reinitTellsHowFarItIs() throws SQLException {
    try (Connection connection = Ledger.connect(primary);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE big AS SELECT repeat(md5(i::text), 32) FROM generate_series(1, 100000) i");
    }
    CompletableFuture<Cli.Result> asked = cli.begin("reinit", other.name(), "--force", "--wait");
    await("bytes, rate and time left in the list", () -> COPIED.matcher(list()).find());
    cluster.awaitHealthy(BOUND);
    Cli.Result said = asked.join();
    assertThat(said.text()).containsPattern(COPIED).contains("Reinitialize is completed on: ");
    assertThat(said.status()).isZero();
    await("nothing left open", () -> isListedWithout("reinit of"));
  }

  /** The member that is asked is neither the old primary nor the new one. */
  private void failoverGoesOnWithoutWhoTookTheCall() {
    Path said = dir.resolve("failover");
    Process asked = other.startCommand(said, "failover", "--force", "--candidate", one.name());
    await("the failover to be taken up", () -> TAKEN_UP.matcher(text(said)).find());
    other.signalAgent("KILL");
    kill(asked);
    int _ = other.awaitAgentEnd(BOUND);
    await("another primary", () -> cluster.primary().filter(one::equals).isPresent());
    other.startAgent();
    cluster.awaitHealthy(BOUND);
  }

  /** Nobody takes over by itself in pause; an operator may say who does. */
  private void failoverWithoutPrimary() {
    cli.done("pause", "--wait");
    one.killHost();
    await(
        "the key to lapse", () -> cluster.metrics(other).getOrDefault("quorate_epoch", 1.0) == 0.0);
    assertThat(cli.run("switchover", "--force", "--candidate", other.name()).text())
        .contains("has no primary to switch over from")
        .contains("use 'quorate failover'");
    String told =
        cli.done("failover", "--force", "--candidate", other.name(), "--accept-data-loss");
    assertThat(told).contains("May be lost: ");
    await("the one that was named", () -> cluster.primary().filter(other::equals).isPresent());
    assertThat(cli.done("explain", "1"))
        .contains(one.name() + " -> " + other.name())
        .contains("failover")
        .contains("acquired")
        .contains("Lost: ");
    cli.done("resume", "--wait");
    one.startAgent();
    cluster.awaitHealthy(BOUND);
    await(
        "the old primary to tell what was lost",
        () -> cli.run("explain", "1").text().contains("Lost: nothing"));
  }

  /** Asked of any member, which may not have heard of the latest yet. */
  private boolean isListedWithout(String text) {
    Cli.Result list = cli.run("list");
    return list.status() == 0 && !list.text().contains(text);
  }

  private String list() {
    return cli.run("list").text();
  }

  private static void kill(Process command) {
    command.descendants().forEach(ProcessHandle::destroyForcibly);
    assertThat(command.destroyForcibly().onExit().join().isAlive()).isFalse();
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void await(String what, BooleanSupplier condition) {
    Patience.await(what, BOUND, condition, () -> list() + cluster.evidence());
  }
}
