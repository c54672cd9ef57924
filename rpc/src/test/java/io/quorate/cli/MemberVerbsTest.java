package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureServerCredentials;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.FakeCluster;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.grpc.AdminServer;
import io.quorate.rpc.tls.ServerSide;
import io.quorate.store.Membership;
import io.quorate.store.Outcome;
import io.quorate.store.StoreError;
import io.quorate.time.SystemTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code quorate member} as a user gives it, against a store that answers as it is told. */
final class MemberVerbsTest {

  private static final StoreError NO_LEADER =
      new StoreError(StoreError.Code.UNAVAILABLE, "no leader is known");

  private final FakeAgent agent = new FakeAgent();
  private final Scripted store = new Scripted();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private EventLoopGroup loops;
  private SystemTime time;
  private AdminServer server;

  /** Answers in the order given, and remembers what was asked. */
  private static final class Scripted implements Membership {
    private final Deque<Outcome<Progress>> answers = new ArrayDeque<>();
    private final List<Change> asked = new ArrayList<>();
    private boolean confirmed = true;

    @Override
    public List<Member> members() {
      return List.of(
          new Member("n1", "n1-aa", "h1:1", "h1:2", true, true, false),
          new Member("n2", "n2-bb", "h2:1", "h2:2", false, false, true));
    }

    @Override
    public CompletionStage<Table> table() {
      return CompletableFuture.completedStage(new Table(members(), confirmed));
    }

    @Override
    public CompletionStage<Outcome<Progress>> change(Change change) {
      asked.add(change);
      return CompletableFuture.completedStage(answers.remove());
    }

    @Override
    public CompletionStage<Outcome<String>> transferLeadership(String member) {
      return CompletableFuture.completedStage(
          member.equals("n2")
              ? new Outcome.Done<>(member)
              : new Outcome.NotDone<>(
                  new StoreError(
                      StoreError.Code.INVALID_ARGUMENT, "the store has no voter named " + member)));
    }
  }

  @BeforeEach
  void start() throws Exception {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    time = SystemTime.start();
    server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            agent,
            Optional.of(store),
            () -> AccessGuard.LOOPBACK_ONLY,
            agent,
            time,
            new ServerSide(InsecureServerCredentials.create()),
            loops);
    agent.publish(Snapshots.primary(Duration.ofSeconds(2)));
  }

  @AfterEach
  void stop() {
    server.close();
    time.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private int quorate(String... arguments) {
    List<String> all = new ArrayList<>(List.of("member"));
    all.addAll(List.of(arguments));
    return run(all);
  }

  private int run(List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--grpc-address", "127.0.0.1:" + server.port()));
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(all.toArray(String[]::new));
  }

  @Test
  void listsTheVoters() {
    assertThat(quorate("list", "-f", "tsv")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            Member\tId\tRaft\tService\tRole\tState
            n1\tn1-aa\th1:1\th1:2\tleader\treachable
            n2\tn2-bb\th2:1\th2:2\tlistener\tunreachable
            """);
  }

  /** Members n1 and n2 of the store are not those, a and b, of which there are agents. */
  @Test
  void resumingWarnsOfAgentsThatAreNotThere() {
    var _ = new FakeCluster(agent, Snapshots.primary(Duration.ofSeconds(2)));
    assertThat(run(List.of("pause"))).isZero();
    assertThat(err.toString()).isEmpty();
    assertThat(run(List.of("resume"))).isZero();
    assertThat(err.toString()).startsWith("warning: no agent of n1, n2 is there.");
  }

  @Test
  void saysWhenTheTableMayBeOld() {
    assertThat(quorate("list")).isZero();
    assertThat(err.toString()).isEmpty();
    store.confirmed = false;
    assertThat(quorate("list", "-f", "tsv")).isZero();
    assertThat(err.toString()).contains("as the member asked knows them");
    assertThat(out.toString()).contains("n1-aa");
  }

  @Test
  void repeatsAChangeUntilItIsDoneAndSaysEachStationOnce() {
    Membership.Progress waiting =
        new Membership.Progress(Membership.Phase.WAITING, "waiting for n2 to ask");
    store.answers.add(new Outcome.Done<>(waiting));
    store.answers.add(new Outcome.Done<>(waiting));
    store.answers.add(new Outcome.NotDone<>(NO_LEADER));
    store.answers.add(
        new Outcome.Done<>(new Membership.Progress(Membership.Phase.DONE, "n2-bb is gone")));
    assertThat(quorate("replace", "n2")).isZero();
    assertThat(out.toString().split("waiting for n2", -1)).hasSize(2);
    assertThat(out.toString()).contains("no leader is known").endsWith("n2-bb is gone\n");
    assertThat(store.asked).hasSize(4).containsOnly(new Membership.Change.Replace("n2", "n2-bb"));
  }

  @Test
  void aRefusalEndsItWithTheReason() {
    store.answers.add(
        new Outcome.NotDone<>(
            new StoreError(StoreError.Code.INVALID_ARGUMENT, "a majority of 2 is needed")));
    assertThat(quorate("remove", "n2")).isEqualTo(1);
    assertThat(err.toString()).contains("error: ").contains("a majority of 2 is needed");
    assertThat(quorate("remove", "n9")).isEqualTo(1);
    assertThat(err.toString()).contains("the store has no voter named 'n9', only [n1, n2]");
  }

  @Test
  void aChangeThatDoesNotEndIsGivenUp() {
    store.answers.add(
        new Outcome.Done<>(new Membership.Progress(Membership.Phase.WAITING, "waiting for n3")));
    assertThat(quorate("add", "n3", "h3:1", "h3:2", "--wait", "0")).isEqualTo(1);
    assertThat(err.toString()).contains("not done within 0 s, given up: waiting for n3");
    assertThat(store.asked).containsExactly(new Membership.Change.Add("n3", "h3:1", "h3:2"));
  }

  @Test
  void addsAListenerAndPromotesIt() {
    Membership.Progress done = new Membership.Progress(Membership.Phase.DONE, "done");
    store.answers.add(new Outcome.Done<>(done));
    store.answers.add(new Outcome.Done<>(done));
    assertThat(quorate("add", "--listener", "n3", "h3:1", "h3:2")).isZero();
    assertThat(quorate("promote", "n3")).isZero();
    assertThat(store.asked)
        .containsExactly(
            new Membership.Change.Add("n3", "h3:1", "h3:2", true),
            new Membership.Change.Promote("n3"));
  }

  @Test
  void movesTheLeader() {
    assertThat(quorate("move-leader", "n2")).isZero();
    assertThat(out.toString()).isEqualTo("n2 leads the store\n");
    assertThat(quorate("move-leader", "n9")).isEqualTo(1);
    assertThat(err.toString()).contains("no voter named n9");
  }
}
