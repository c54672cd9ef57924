package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Planned switchovers of real servers under writes: undisturbed, refused, paused, scheduled, and
 * with somebody who is killed in the midst of one. Whatever happens there is one primary that takes
 * writes afterwards, at no time two, and no more is missing than the reports say.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SwitchoverIT {

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final Duration MEMBER_LEASE_AND_MORE = Duration.ofSeconds(5);

  /** What the primary logs when it begins to stop. */
  private static final String STOPPING = "\"stopping PostgreSQL in good order\"";

  /** What the candidate logs when it has heard of that. */
  private static final String PREPARING = "\"getting ready to take over from";

  private static final String REPLAYS_NO_MORE = " replays no WAL and could not take over: ";

  /** Who is killed in the midst of a switchover, and when. */
  enum Victim {
    AGENT_OF_THE_PRIMARY,
    AGENT_OF_THE_CANDIDATE,
    AGENT_OF_THE_CANDIDATE_WITH_THE_KEY,
    POSTGRES_OF_THE_CANDIDATE,
    LEADER_OF_THE_STORE
  }

  private RealCluster cluster;
  private Cli cli;

  @BeforeAll
  void start() {
    cluster = RealCluster.prepare(Ports.freeBlock(), "    failover_limit: 1000\n");
    cli = new Cli(cluster);
    cluster.start();
  }

  @BeforeEach
  void whole() {
    cluster.nodes().stream()
        .filter(node -> node.agentPid().isEmpty())
        .forEach(RealNode::startAgent);
    cluster.awaitHealthy(START);
  }

  @AfterAll
  void end() {
    cluster.close();
  }

  @Test
  void losesNothingAndNeedsNoRewind() throws SQLException {
    RealNode old = primary();
    int rewound = count(old, "rewinding to");
    SwitchoverRun.Result result = SwitchoverRun.run(cluster, standby(), true);
    assertThat(result.lost()).isEmpty();
    assertThat(result.overlaps()).isEmpty();
    assertThat(primary().name()).isEqualTo(result.newPrimary());
    assertThat(result.report()).contains("\"kind\":\"none\"");
    assertThat(count(old, "rewinding to")).isEqualTo(rewound);
  }

  @ParameterizedTest
  @EnumSource
  void endsWithOnePrimaryThatHasEverything(Victim victim) throws SQLException {
    RealNode old = primary();
    RealNode third = cluster.storeLeaderBeside(old);
    RealNode candidate = beside(old, third);
    long reports = FaultRun.lastReport(cluster, old);
    PrimaryProbe probe = new PrimaryProbe(cluster.nodes());
    try (Ledger ledger = Ledger.open(cluster)) {
      await("writes", () -> ledger.count() > 50);
      kill(victim, old, candidate, third);
      int then = ledger.count();
      await("writes again", () -> ledger.count() > then + 20);
      await("an end of it", this::nothingOpen);
      int ended = ledger.count();
      await("writes afterwards", () -> ledger.count() > ended + 20);
      whole();
      ledger.stop();
      RealNode now = primary();
      assertThat(ledger.missingOn(now))
          .as("primary %s, writes %s\n%s", now.name(), ledger.moves(), cluster.evidence())
          .hasSizeLessThanOrEqualTo(Math.toIntExact(FaultRun.reported(cluster, now, reports)));
    } finally {
      probe.stop();
    }
    assertThat(PrimaryProbe.overlaps(probe.finish())).isEmpty();
  }

  /** Nobody is started again before writes go on. */
  private void kill(Victim victim, RealNode old, RealNode candidate, RealNode third) {
    RealNode whose = victim == Victim.AGENT_OF_THE_PRIMARY ? old : candidate;
    String midst =
        switch (victim) {
          case AGENT_OF_THE_PRIMARY -> STOPPING;
          case AGENT_OF_THE_CANDIDATE, POSTGRES_OF_THE_CANDIDATE, LEADER_OF_THE_STORE -> PREPARING;
          case AGENT_OF_THE_CANDIDATE_WITH_THE_KEY -> "\"promoting to timeline ";
        };
    int before = count(whose, midst);
    SwitchoverRun.askOnce(old, candidate);
    await(midst, () -> count(whose, midst) > before);
    switch (victim) {
      case AGENT_OF_THE_PRIMARY -> killAgent(old);
      case AGENT_OF_THE_CANDIDATE, AGENT_OF_THE_CANDIDATE_WITH_THE_KEY -> killAgent(candidate);
      case POSTGRES_OF_THE_CANDIDATE -> candidate.killPostgres();
      case LEADER_OF_THE_STORE -> killAgent(third);
    }
  }

  @Test
  void isRefusedWhereTheCandidateLags() throws SQLException {
    RealNode old = primary();
    RealNode candidate = standby();
    long server = old.postmasterPid().orElseThrow();
    long receiver = walReceiver(candidate);
    candidate.signalProcess("STOP", receiver);
    try (Connection connection = Ledger.connect(old);
        Statement statement = connection.createStatement()) {
      statement
          .executeQuery("SELECT pg_logical_emit_message(true, 'lag', repeat('x', 2000000))")
          .close();
      Cli.Result refused = cli.run("switchover", "--force", "--candidate", candidate.name());
      assertThat(refused.status()).as("%s", refused).isEqualTo(1);
      assertThat(refused.text())
          .contains(candidate.name() + " lacks ")
          .contains("bytes, more than maximum_lag_on_failover (1048576)");
    } finally {
      candidate.signalProcess("CONT", receiver);
    }
    assertThat(primary()).isEqualTo(old);
    assertThat(old.postmasterPid()).contains(server);
  }

  /** An operator has paused it for a look at the data, and forgotten. */
  @Test
  void isRefusedWhereTheCandidateReplaysNoMore() throws SQLException {
    RealNode old = primary();
    RealNode candidate = standby();
    long server = old.postmasterPid().orElseThrow();
    execute(candidate, "SELECT pg_wal_replay_pause()");
    try {
      await("it to be known", () -> cli.run("explain").text().contains(REPLAYS_NO_MORE));
      for (String verb : new String[] {"switchover", "failover"}) {
        Cli.Result refused = cli.run(verb, "--force", "--candidate", candidate.name());
        assertThat(refused.status()).as("%s", refused).isEqualTo(1);
        assertThat(refused.text())
            .contains(candidate.name() + REPLAYS_NO_MORE)
            .contains("'SELECT pg_wal_replay_resume()' ends that");
      }
    } finally {
      execute(candidate, "SELECT pg_wal_replay_resume()");
    }
    assertThat(primary()).isEqualTo(old);
    assertThat(old.postmasterPid()).contains(server);
  }

  private static void execute(RealNode node, String sql) throws SQLException {
    try (Connection connection = Ledger.connect(node);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void isDoneInPause() {
    RealNode candidate = standby();
    cli.done("pause", "--wait");
    try {
      assertThat(cli.done("switchover", "--force", "--candidate", candidate.name()))
          .contains("Successfully switched over to \"" + candidate.name() + "\"");
      cluster.awaitHealthy(BOUND);
      assertThat(primary()).isEqualTo(candidate);
    } finally {
      cli.done("resume", "--wait");
    }
  }

  @Test
  void isTakenBackWhereItIsScheduled() {
    RealNode old = primary();
    RealNode candidate = standby();
    schedule(candidate, Instant.parse("2099-01-01T00:00:00Z"));
    await(
        "the wish",
        () -> cli.done("list").contains("Switchover scheduled at: 2099-01-01T00:00:00"));
    assertThat(cli.done("flush", "switchover", "--force")).contains("taken back: switchover");
    await("nothing wished for", this::nothingOpen);
    assertThat(primary()).isEqualTo(old);
  }

  /** Its agent is just being restarted when the time comes. */
  @Test
  void waitsAtItsTimeForTheAgentOfTheCandidate() {
    RealNode old = primary();
    RealNode candidate = beside(old, cluster.storeLeaderBeside(old));
    Instant at = Instant.now().plus(MEMBER_LEASE_AND_MORE);
    schedule(candidate, at);
    killAgent(candidate);
    await(
        "the primary to wait, and to say so",
        () ->
            cli.run("explain")
                .text()
                .matches(
                    "(?s).*the scheduled switchover is waiting for the candidate until [^ ]+:"
                        + " no agent of the name "
                        + candidate.name()
                        + " is there.*"));
    assertThat(Instant.now()).isAfterOrEqualTo(at);
    candidate.startAgent();
    await("the switchover", () -> cluster.primary().equals(Optional.of(candidate)));
    cluster.awaitHealthy(BOUND);
  }

  private void schedule(RealNode candidate, Instant at) {
    assertThat(
            cli.done(
                "switchover",
                "--force",
                "--candidate",
                candidate.name(),
                "--scheduled",
                at.toString()))
        .contains("Switchover scheduled at ");
  }

  private static void killAgent(RealNode node) {
    node.signalAgent("KILL");
    int _ = node.awaitAgentEnd(BOUND);
  }

  private static long walReceiver(RealNode standby) throws SQLException {
    try (Connection connection = Ledger.connect(standby);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pid FROM pg_stat_wal_receiver")) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }

  private RealNode primary() {
    return cluster.primary().orElseThrow();
  }

  private RealNode standby() {
    RealNode primary = primary();
    return cluster.nodes().stream().filter(node -> !node.equals(primary)).findFirst().orElseThrow();
  }

  private RealNode beside(RealNode one, RealNode other) {
    return cluster.nodes().stream()
        .filter(node -> !node.equals(one) && !node.equals(other))
        .findFirst()
        .orElseThrow();
  }

  private boolean nothingOpen() {
    Cli.Result list = cli.run("list");
    return list.status() == 0 && !list.text().toLowerCase(Locale.ROOT).contains("switchover");
  }

  private static int count(RealNode node, String text) {
    return node.logTail(Integer.MAX_VALUE).split(Pattern.quote(text), -1).length - 1;
  }

  private void await(String what, BooleanSupplier condition) {
    Patience.await(
        what,
        BOUND,
        condition,
        () -> cli.run("list").text() + cli.run("explain").text() + cluster.evidence());
  }
}
