package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.Wish;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.FakeCluster;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.grpc.AdminServer;
import io.quorate.store.StoreStatus;
import io.quorate.time.SystemTime;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Verbs that wish for something, as a user gives them: prompts, progress, exit statuses. */
final class WishVerbsTest {

  private final FakeAgent agent = new FakeAgent();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final InputStream stdin = System.in;
  private EventLoopGroup loops;
  private SystemTime time;
  private AdminServer server;
  private FakeCluster cluster;

  @BeforeEach
  void start() throws Exception {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    time = SystemTime.start();
    server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            agent,
            () -> AccessGuard.LOOPBACK_ONLY,
            agent,
            time,
            loops);
    cluster = new FakeCluster(agent, Snapshots.primary(Duration.ofSeconds(2)));
  }

  @AfterEach
  void stop() {
    System.setIn(stdin);
    cluster.close();
    server.close();
    time.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private int quorate(String answers, String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    System.setIn(new ByteArrayInputStream(answers.getBytes(StandardCharsets.UTF_8)));
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--grpc-address");
    all.add("127.0.0.1:" + server.port());
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(all.toArray(String[]::new));
  }

  private String errors() {
    return err.toString().replaceAll("[0-9]{4}-[0-9-]{5} [0-9:]{8}\\.[0-9]{5}", "TIME");
  }

  /** Without times, and without the states that are seen or missed as the timing has it. */
  private String output() {
    return out.toString()
        .replaceAll("[0-9]{4}-[0-9-]{5} [0-9:]{8}\\.[0-9]{5}", "TIME")
        .replaceAll("TIME (pending|stopping): .*\\R", "");
  }

  @Test
  void switchoverAsksAndFollows() {
    cluster.answer(FakeCluster.handedTo(Snapshots.B));
    assertThat(quorate("\n\n\ny\n", "switchover")).as("%s", err).isZero();
    assertThat(output())
        .startsWith("+ Cluster: demo (uninitialized) ")
        .contains(
            "Primary [a]: Candidate [any of b]: When should the switchover take place [now]: Are"
                + " you sure you want to switch over cluster demo, demoting current leader a?"
                + " [y/N]: ")
        .contains("TIME Successfully switched over to \"b\"\n+ Cluster: demo");
    assertThat(quorate("a\nb\nnow\nn\n", "switchover")).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("error: aborted\n");
  }

  @Test
  void aFailedSwitchoverIsStatusOne() {
    cluster.answer(FakeCluster.state(Intent.State.FAILED, "b did not confirm"));
    assertThat(quorate("", "switchover", "--force")).isEqualTo(1);
    assertThat(errors()).contains("TIME switchover failed: b did not confirm\n");
  }

  @Test
  void aSwitchoverIsScheduledShownAndFlushed() {
    assertThat(
            quorate(
                "",
                "switchover",
                "--candidate",
                "b",
                "--scheduled",
                "2030-01-01T00:00Z",
                "--force"))
        .isZero();
    assertThat(output()).isEqualTo("Switchover scheduled at 2030-01-01T00:00:00Z\n");
    assertThat(listed("scheduled at: "))
        .contains(
            """
             Switchover scheduled at: 2030-01-01T00:00:00+00:00
                                from: a
                                  to: b
            """);
    assertThat(quorate("y\n", "flush", "switchover")).isZero();
    assertThat(output())
        .isEqualTo(
            "Take back the switchover of a, scheduled at 2030-01-01T00:00:00Z? [y/N]: Success:"
                + " taken back: switchover of a, scheduled at 2030-01-01T00:00:00Z\n");
  }

  /** The list once it has {@code part}: the view follows the store. */
  private String listed(String part) {
    for (int i = 0; i < 1_000 && !out.toString().contains(part); i++) {
      assertThat(quorate("", "list")).isZero();
    }
    return out.toString();
  }

  /** A wish for a member that is not there any more can be taken back. */
  @Test
  void aReinitThatNobodyBeganIsFlushed() {
    assertThat(quorate("", "reinit", "b", "--from-leader", "--force")).isZero();
    assertThat(listed(" reinit of b: asked")).contains(" reinit of b: asked\n");
    assertThat(quorate("", "reinit", "b", "--force")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("error: one is not finished: reinit b, asked by grpc at ")
        .endsWith("; wait for it, or take it back first: 'quorate flush reinit b'\n");
    assertThat(quorate("", "flush", "reinit", "b", "--force")).isZero();
    assertThat(output()).isEqualTo("Success: taken back: reinit of b\n");
    assertThat(cluster.wishes()).isEmpty();
  }

  @Test
  void failoverStatesTheLossFirst() {
    cluster.answer(FakeCluster.handedTo(Snapshots.B));
    assertThat(quorate("b\ny\n", "failover")).as("%s", err).isZero();
    assertThat(output())
        .contains("Candidate, one of b []: May be lost: nothing: a stops first and hands over\n")
        .contains("Are you sure you want to fail over to b? [y/N]: ")
        .contains("TIME Successfully failed over to \"b\"\n");
    assertThat(quorate("", "failover", "--force")).isEqualTo(ExitStatus.WRONG_USE);
    assertThat(err.toString()).contains("name it with --candidate MEMBER");
  }

  @Test
  void restartTakesStandbysFirst() {
    cluster.answer(FakeCluster.state(Intent.State.DONE, "restarted"));
    assertThat(quorate("\ny\n", "restart")).as("%s", err).isZero();
    assertThat(output())
        .contains(
            "When should the restart take place [now]: Are you sure you want to restart members b,"
                + " a? [y/N]: ")
        .endsWith(
            """
            TIME Success: restart on member b
            TIME Success: restart on member a
            """);
    assertThat(quorate("", "restart", "--force", "--pending")).isZero();
    assertThat(output()).isEqualTo("No member waits for a restart\n");
    assertThat(quorate("", "restart", "--force", "-r", "replica")).isZero();
    assertThat(output()).isEqualTo("TIME Success: restart on member b\n");
    cluster.answer(FakeCluster.state(Intent.State.FAILED, "it does not start"));
    assertThat(quorate("", "restart", "--force")).isEqualTo(1);
    assertThat(errors()).isEqualTo("TIME restart failed: it does not start\n");
  }

  @Test
  void reloadAndReinit() {
    cluster.answer(FakeCluster.state(Intent.State.DONE, "done"));
    assertThat(quorate("y\n", "reload", "b")).isZero();
    assertThat(output()).endsWith("TIME Success: reload on member b: done\n");
    assertThat(quorate("", "reinit", "b", "--force", "--wait")).isZero();
    assertThat(output())
        .isEqualTo("Success: reinitialize for member b\nTIME Reinitialize is completed on: b\n");
  }

  @Test
  void pauseAndResume() {
    assertThat(quorate("", "pause")).isZero();
    assertThat(output()).isEqualTo("Success: cluster management is paused\n");
    assertThat(listed("Maintenance mode")).endsWith(" Maintenance mode: on\n");
    assertThat(quorate("", "pause")).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("error: Cluster is already paused\n");
    assertThat(quorate("", "resume")).isZero();
    assertThat(output()).isEqualTo("Success: cluster management is resumed\n");
  }

  @Test
  void explainSaysWhy() {
    assertThat(quorate("", "explain")).as("%s", err).isZero();
    assertThat(output())
        .startsWith("a:\n  a is the primary: it holds the lease of epoch 7\n")
        .contains("Why no failover now, as a sees it:\n  its lease is good for another 2.0 s")
        .contains("What would change that:\n  a's lease is not renewed for 3.0 s: ")
        .contains("Who could take over:\n  b: could");
  }

  @Test
  void explainWithoutAPrimarySaysWhatIsMissing() {
    cluster.as(Snapshots.standby());
    cluster.losePrimary();
    assertThat(quorate("", "explain")).as("%s", err).isZero();
    assertThat(output())
        .contains("b:\n  nobody holds the lease, so nobody is the primary\n")
        .contains("Why no failover now, as b sees it:\n  a failover is due: ")
        .contains("Who could take over:\n");
    NodeSnapshot seen = agent.snapshot().orElseThrow();
    agent.publish(
        Snapshots.withStore(
            seen,
            new StoreStatus(
                Optional.empty(),
                false,
                seen.store().term(),
                seen.store().commitIndex(),
                seen.store().appliedIndex(),
                seen.store().appliedRevision(),
                List.of(
                    new StoreStatus.Voter("a", "127.0.0.1:1", false),
                    new StoreStatus.Voter("b", "127.0.0.1:2", true),
                    new StoreStatus.Voter("c", "127.0.0.1:3", false)),
                Optional.empty())));
    assertThat(quorate("", "explain")).as("%s", err).isZero();
    assertThat(output())
        .contains("without a majority of the store's voters nobody can take over\n")
        .contains(
            "What would change that:\n  first of all a majority of the store's voters has to answer,"
                + " 2 of 3: start the agents that b does not reach, or mend the network to them: a,"
                + " c\n");
  }

  @Test
  void explainTellsOfAPastFailover() {
    cluster.close();
    agent.publish(Snapshots.primary(Duration.ofSeconds(2)));
    assertThat(quorate("", "explain", "1")).as("%s", err).isZero();
    String told = output();
    assertThat(told)
        .startsWith("Epoch 7: c -> a at ")
        .contains("\nCause: ", "\nTimeline: ", ", forked at ", "\nLost: ", " ms ")
        .contains(
            "Evidence, the ends of WAL that were pledged and counted:\n", "Journal around it:");
    assertThat(quorate("", "explain", "--epoch", "7")).isZero();
    assertThat(output()).isEqualTo(told);
    for (String wrong : List.of("2", "--epoch=8")) {
      assertThat(quorate("", "explain", wrong)).isEqualTo(1);
      assertThat(err.toString())
          .isEqualTo("error: no report of that failover is kept: 1 are, 1 being the latest\n");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "switchover --force --leader b|the primary is a, not b",
        "switchover --force --candidate z|no agent of the name z is there",
        "switchover --force --candidate a|a is the primary already",
        "switchover --force --scheduled 2020-01-01T00:00Z|has passed already",
        "failover --force --candidate z|no agent of the name z is there",
        "restart --force z|no agent of the name z is there; there are a, b",
        "switchover --force --candidate z|; there are a, b",
        "flush restart z --force|no agent of the name z is there; there are a, b",
        "restart --force --pg-version 15|'15' is no version of PostgreSQL",
        "reload --force z|no agent of the name z is there",
        "reinit --force a|a is the primary",
        "resume|Cluster is not paused",
        "flush switchover --force|no switchover is scheduled",
        "flush restart --force|no restart is scheduled",
        "flush reinit --force|no reinit waits to be begun",
        "explain 5|there was no failover yet",
      })
  void whatTheClusterIsNotLikeIsStatusOneWithTheReason(String line, String text) {
    assertThat(quorate("", line.split(" ", -1))).isEqualTo(ExitStatus.FAILED);
    assertThat(err.toString()).startsWith("error: ").contains(text);
  }

  /** Blank where a script's variable was not set: not the same as not given. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "switchover --force --scheduled soon|'soon' is no time",
        "restart --force -r boss|--role must be primary, replica or any, is 'boss'",
        "restart --force --restart-timeout 0|--restart-timeout must be more than 0",
        "reinit --force|which member? There are b",
        "explain 0|failovers are counted from 1",
        "explain 1 --epoch 2|give one of them",
        "switchover --force --candidate |--candidate is empty: give it a value, or leave it out",
        "switchover --force --leader  --candidate b|--leader is empty",
        "switchover --force --scheduled |--scheduled is empty",
        "failover --force --candidate |--candidate is empty",
        "failover --force|a failover needs a candidate: name it with --candidate MEMBER",
        "restart --force --scheduled |--scheduled is empty",
        "restart --force |a member's name is empty",
        "reinit --force |a member's name is empty",
        "flush restart --force |a member's name is empty",
      },
      ignoreLeadingAndTrailingWhitespace = false)
  void wrongArgumentsAreStatusTwoWithTheReason(String line, String text) {
    assertThat(quorate("", line.split(" ", -1))).isEqualTo(ExitStatus.WRONG_USE);
    assertThat(err.toString()).startsWith("error: ").contains(text);
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"flush tea", "explain one", "list -f xml", "switchover --soon", "completion fish"})
  void whatIsNoCommandLineIsStatusTwo(String line) {
    assertThat(quorate("", line.split(" ", -1))).isEqualTo(ExitStatus.WRONG_USE);
    // Short: the whole help would push the reason off the screen.
    assertThat(err.toString())
        .startsWith("error: ")
        .contains("'quorate " + line.split(" ", 2)[0] + " --help' says what can be given")
        .hasLineCount(2);
  }

  @Test
  void stoppingEverythingIsAskedFirst() {
    assertThat(quorate("n\n", "stop-cluster")).isEqualTo(ExitStatus.FAILED);
    assertThat(output())
        .startsWith("+ Cluster: demo ")
        .endsWith("stop every PostgreSQL and every agent of cluster demo? [y/N]: ");
    assertThat(agent.stops).hasValue(0);
    assertThat(quorate("y\n", "stop-cluster")).isZero();
    assertThat(agent.stops).hasValue(1);
  }

  @Test
  void aFailoverToThePrimaryOrNobodyStatesNoLoss() {
    assertThat(quorate("", "failover", "--force", "--candidate", "z")).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(quorate("z\ny\n", "failover")).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("error: z cannot take over; could: b\n");
  }

  /** Looked at again when its time has come: who was a standby may be the primary by then. */
  @Test
  void theRoleGoesWithAScheduledRestart() {
    assertThat(
            quorate("", "restart", "--force", "-r", "standby", "--scheduled", "2030-01-01T00:00Z"))
        .isZero();
    assertThat(cluster.wishes())
        .extracting(wish -> ((Wish.Restart) wish).only().role())
        .containsExactly(Optional.of(PatroniRole.REPLICA));
  }
}
