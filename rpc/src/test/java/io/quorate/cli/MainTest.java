package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.model.Secret;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.access.Login;
import io.quorate.rpc.grpc.AdminServer;
import io.quorate.rpc.rest.HealthServer;
import io.quorate.time.SystemTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Commands as a user gives them, against a member's admin port. */
final class MainTest {

  private final FakeAgent agent = new FakeAgent();
  private AccessGuard guard = AccessGuard.LOOPBACK_ONLY;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private EventLoopGroup loops;
  private SystemTime time;
  private AdminServer server;
  private String address;

  @BeforeEach
  void start() throws Exception {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    time = SystemTime.start();
    server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            agent,
            () -> guard,
            agent,
            time,
            loops);
    address = "127.0.0.1:" + server.port();
    agent.publish(Snapshots.primary(Duration.ofSeconds(2)));
  }

  @AfterEach
  void stop() {
    server.close();
    time.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private int quorate(String... arguments) {
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private static String deadAddress() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + free.getLocalPort();
    }
  }

  @Test
  void listAsksWhoeverAnswers() throws Exception {
    assertThat(quorate("list", "--grpc-address", deadAddress(), "--grpc-address", address))
        .as("%s", err)
        .isZero();
    assertThat(out.toString()).startsWith("+ Cluster: demo (7711056875852361249) ");
  }

  @Test
  void listAsJson() {
    assertThat(quorate("list", "-f", "json", "--grpc-address", address)).isZero();
    assertThat(out.toString()).startsWith("[{\"Cluster\":\"demo\",\"Member\":\"a\"");
  }

  @Test
  void listSaysWhyNobodyAnswered() throws Exception {
    String dead = deadAddress();
    assertThat(quorate("list", "--grpc-address", dead)).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("error: no member answers:\n  " + dead + ": ")
        .contains("Connection refused");
  }

  /** A member that says so has answered. */
  @Test
  void aStoreWithoutLeaderIsNoSilence() {
    Map<String, String> failures = new LinkedHashMap<>();
    failures.put("a:1", "the store does not answer: not in time: no leader is known");
    failures.put("b:1", "Connection refused");
    assertThat(ClusterOptions.nobody(failures))
        .hasMessage(
            "the store has no leader: a majority of its voters is needed, 'quorate member list'"
                + " shows who can be reached:\n"
                + "  a:1: the store does not answer: not in time: no leader is known\n"
                + "  b:1: Connection refused");
  }

  /** Accepts connections and never says a word, as a stopped process does. */
  @Test
  void waitsForSlowMembersAsLongAsAsked() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String mute = "127.0.0.1:" + silent.getLocalPort();
      String dead = deadAddress();
      for (String verb : new String[] {"list", "status"}) {
        err.getBuffer().setLength(0);
        assertThat(
                quorate(verb, "--timeout", "0.5", "--grpc-address", mute, "--grpc-address", dead))
            .isEqualTo(ExitStatus.FAILED);
        assertThat(err.toString())
            .startsWith("error: no member answers:\n  " + mute + ": ")
            .contains(dead + ": ")
            .contains("Connection refused");
      }
      assertThat(quorate("status", "--grpc-address", mute, "--grpc-address", address)).isZero();
      assertThat(out.toString()).contains("PRIMARY").contains(mute + " does not answer");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", ":1", "::1:7081", "a b:1"})
  void refusesAnAddressThatIsNone(String wrong) {
    assertThat(quorate("list", "--grpc-address", wrong)).isEqualTo(ExitStatus.WRONG_USE);
    assertThat(err.toString())
        .isEqualTo(
            "error: --grpc-address must be HOST:PORT, such as db1:7081 or [::1]:7081, is '"
                + wrong
                + "'\n");
  }

  @Test
  void saysHowToLogIn(@TempDir Path directory) throws Exception {
    guard = new AccessGuard(Optional.of(new Login("ops", new Secret("right"))), List.of());
    assertThat(quorate("pause", "--grpc-address", address)).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("error: a change needs a login: give --username and --password-file");
    Path password = directory.resolve("password");
    String[] login = {
      "pause",
      "--grpc-address",
      address,
      "--username",
      "ops",
      "--password-file",
      password.toString()
    };
    assertThat(refusal(login)).isEqualTo("error: " + password + ": there is no such file\n");
    Files.writeString(password, "\n");
    assertThat(refusal(login)).contains("must have the password in its first line");
    Files.writeString(password, "wrong\n");
    assertThat(refusal(login)).startsWith("error: the login is not the one in restapi");
    login[login.length - 1] = directory.toString();
    assertThat(refusal(login)).contains(directory + ": cannot be read: ");
  }

  private String refusal(String... arguments) {
    err.getBuffer().setLength(0);
    assertThat(quorate(arguments)).isEqualTo(ExitStatus.FAILED);
    return err.toString();
  }

  @Test
  void tellsAnotherPortFromTheOneToAsk() throws Exception {
    try (HealthServer rest =
        HealthServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            agent,
            () -> guard,
            time,
            loops)) {
      assertThat(refusal("list", "--grpc-address", "127.0.0.1:" + rest.port()))
          .contains("it is no gRPC port but speaks HTTP, as the REST API does");
    }
  }

  @Test
  void refusesATimeoutThatIsNone() {
    assertThat(quorate("list", "--timeout", "0", "--grpc-address", address))
        .isEqualTo(ExitStatus.WRONG_USE);
    assertThat(err.toString()).contains("--timeout must be more than 0");
  }

  @Test
  void statusShowsTheViewOnce() {
    assertThat(quorate("status", "--grpc-address", address)).isZero();
    assertThat(out.toString())
        .contains("| a      | PRIMARY |")
        .contains(" Primary: a, epoch 7; profile lan, lease 3.0 s");
  }

  @Test
  void stopClusterIsPassedOn() {
    assertThat(quorate("stop-cluster", "--force", "--grpc-address", address)).isZero();
    assertThat(agent.stops).hasValue(1);
    agent.refuseToStop("the store has no leader");
    assertThat(quorate("stop-cluster", "--force", "--grpc-address", address)).isEqualTo(1);
    assertThat(err.toString()).contains("the store has no leader");
  }

  @Test
  void versionAndHelp() {
    assertThat(quorate("version")).isZero();
    assertThat(out.toString()).matches("quorate [0-9]+\\.[0-9]+.*\\R");
    assertThat(quorate("--help")).isZero();
    assertThat(out.toString()).contains("validate-config").contains("stop-cluster");
  }

  @Test
  void wrongUseIsStatusTwo() {
    assertThat(quorate("lst")).isEqualTo(2);
    assertThat(err.toString()).contains("lst");
  }

  @Test
  void eachVerbIsKnownByTheNameThatItHas() {
    CommandLine all = Main.commandLine();
    assertThat(all.getSubcommands().keySet()).containsExactlyElementsOf(Main.VERBS);
    all.getSubcommands()
        .forEach((name, verb) -> assertThat(verb.getCommandSpec().name()).isEqualTo(name));
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out, true);
    for (String verb : Main.VERBS) {
      assertThat(Main.run(new String[] {verb, "--help"}, writer, writer)).as(verb).isZero();
      assertThat(out.toString()).contains("Usage: quorate " + verb);
    }
  }
}
