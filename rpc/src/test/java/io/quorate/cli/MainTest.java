package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.grpc.AdminServer;
import io.quorate.time.SystemTime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

  @Test
  void refusesATimeoutThatIsNone() {
    assertThat(quorate("list", "--timeout", "0", "--grpc-address", address)).isEqualTo(1);
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
    assertThat(quorate("stop-cluster", "--grpc-address", address)).isZero();
    assertThat(agent.stops).hasValue(1);
    agent.refuseToStop("the store has no leader");
    assertThat(quorate("stop-cluster", "--grpc-address", address)).isEqualTo(1);
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
