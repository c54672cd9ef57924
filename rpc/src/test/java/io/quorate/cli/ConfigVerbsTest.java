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
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** show-config, edit-config and history as a user gives them, with a store behind them. */
final class ConfigVerbsTest {

  private static final String CONFIG =
      "{\"ttl\":5,\"postgresql\":{\"parameters\":{\"work_mem\":\"8MB\"},\"use_slots\":true}}";

  private final FakeAgent agent = new FakeAgent();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final InputStream stdin = System.in;
  private EventLoopGroup loops;
  private SystemTime time;
  private AdminServer server;

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
    agent.publish(Snapshots.primary(Duration.ofSeconds(2)));
    agent.configure(CONFIG);
  }

  @AfterEach
  void stop() {
    System.setIn(stdin);
    server.close();
    time.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private int quorate(String answers, String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    System.setIn(new ByteArrayInputStream(answers.getBytes(StandardCharsets.UTF_8)));
    String[] all = new String[arguments.length + 2];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--grpc-address";
    all[arguments.length + 1] = "127.0.0.1:" + server.port();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return line.execute(all);
  }

  @Test
  void showsYamlWithSortedKeys() {
    assertThat(quorate("", "show-config")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            postgresql:
              parameters:
                work_mem: 8MB
              use_slots: true
            ttl: 5
            """);
    assertThat(quorate("", "show-config", "-f", "json")).isZero();
    assertThat(out.toString().strip()).isEqualTo(CONFIG);
    assertThat(quorate("", "show-config", "-f", "tsv")).isEqualTo(ExitStatus.WRONG_USE);
  }

  @Test
  void showsWhatWouldChangeAndAsks() {
    assertThat(quorate("n\n", "edit-config", "-s", "ttl=6", "-p", "work_mem=null")).isEqualTo(1);
    assertThat(out.toString())
        .isEqualTo(
            """
            @@ -1,5 +1,3 @@
             postgresql:
            -  parameters:
            -    work_mem: 8MB
               use_slots: true
            -ttl: 5
            +ttl: 6

            Apply these changes? [y/N]: \
            """);
    assertThat(err.toString()).isEqualTo("error: aborted\n");
    assertThat(quorate("y\n", "edit-config", "-s", "ttl=6")).isZero();
    assertThat(out.toString()).endsWith("Apply these changes? [y/N]: Configuration changed\n");
    assertThat(quorate("", "edit-config", "-s", "ttl=6")).isZero();
    assertThat(out.toString()).isEqualTo("Not changed\n");
  }

  @Test
  void dotsBelowParametersBelongToTheName() {
    assertThat(quorate("", "edit-config", "--force", "-q", "-p", "my.guc=on")).isZero();
    assertThat(quorate("", "show-config", "-f", "json")).isZero();
    assertThat(out.toString()).contains("\"my.guc\":\"on\"");
  }

  @Test
  void whatPostgresRefusesIsSaidAndNotWritten() {
    assertThat(quorate("", "edit-config", "--force", "-q", "-p", "a.b=refused", "-p", "c.d=1"))
        .isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo("error: postgresql.parameters.a.b: PostgreSQL of a says: it is refused\n");
    assertThat(quorate("", "show-config", "-f", "json")).isZero();
    assertThat(out.toString().strip()).isEqualTo(CONFIG);
    assertThat(quorate("", "edit-config", "--force", "-q", "-p", "port=1")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            Configuration changed
            without effect: postgresql.parameters.port: ignored: follows from 'postgresql.listen' and 'scope'
            """);
  }

  @Test
  void filesAreMergedOrTakenWhole(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("change.yml"), "ttl: null\nloop_wait: 1\n");
    assertThat(quorate("", "edit-config", "--force", "--apply", file.toString())).isZero();
    assertThat(quorate("", "show-config")).isZero();
    assertThat(out.toString()).contains("loop_wait: 1").contains("work_mem").doesNotContain("ttl");
    assertThat(quorate("ttl: 7\n", "edit-config", "--replace", "-"))
        .isEqualTo(ExitStatus.WRONG_USE);
    assertThat(err.toString()).contains("--force is needed");
    assertThat(quorate("\n", "edit-config", "--force", "--replace", "-")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo("error: -: is empty; to be left with no setting at all, write {} into it\n");
    assertThat(quorate("ttl: 7\n", "edit-config", "--force", "--replace", "-")).isZero();
    assertThat(quorate("", "show-config")).isZero();
    assertThat(out.toString()).isEqualTo("ttl: 7\n");
  }

  @Test
  void wrongUseIsSaid() {
    assertThat(quorate("", "edit-config", "-s", "ttl")).isEqualTo(ExitStatus.WRONG_USE);
    assertThat(err.toString()).isEqualTo("error: 'ttl' is not KEY=VALUE\n");
    assertThat(quorate("", "edit-config", "-s", "a..b=1")).isEqualTo(ExitStatus.WRONG_USE);
    assertThat(err.toString()).contains("'a..b' has an empty part");
    assertThat(quorate("", "edit-config", "--apply", "/no/such/file")).isEqualTo(1);
    assertThat(err.toString()).contains("/no/such/file: there is no such readable file");
    assertThat(quorate("", "edit-config", "-s", "ttl=[")).isEqualTo(1);
    assertThat(err.toString()).contains("value of ttl:1: not valid YAML");
    assertThat(quorate("", "edit-config", "--force", "-s", "ttl=x", "-s", "pause=perhaps"))
        .isEqualTo(1);
    assertThat(err.toString())
        .contains("error: ttl: must be a whole number of at least 1")
        .contains("error: pause: must be true or false");
    assertThat(quorate("", "edit-config", "--username", "ops", "-s", "ttl=6"))
        .isEqualTo(ExitStatus.WRONG_USE);
    assertThat(err.toString()).contains("--username and --password-file belong together");
    assertThat(quorate("", "edit-config", "-s", "ttl=6")).isEqualTo(1);
    assertThat(err.toString()).contains("no answer on standard input");
  }

  @Test
  void historyInEveryFormat() {
    assertThat(quorate("", "history")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            +----+----------+------------------------------+---------------------------+------------+
            | TL |      LSN | Reason                       | Timestamp                 | New Leader |
            +----+----------+------------------------------+---------------------------+------------+
            |  1 | 67108960 | no recovery target specified | 2026-11-22T18:00:00+00:00 | a          |
            +----+----------+------------------------------+---------------------------+------------+
            """);
    assertThat(quorate("", "history", "-f", "json")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            "[{\"TL\":1,\"LSN\":67108960,\"Reason\":\"no recovery target specified\","
                + "\"Timestamp\":\"2026-11-22T18:00:00+00:00\",\"New Leader\":\"a\"}]\n");
    assertThat(quorate("", "history", "-f", "tsv")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            TL\tLSN\tReason\tTimestamp\tNew Leader
            1\t67108960\tno recovery target specified\t2026-11-22T18:00:00+00:00\ta
            """);
    assertThat(quorate("", "history", "-f", "yaml")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            - LSN: 67108960
              New Leader: a
              Reason: no recovery target specified
              TL: 1
              Timestamp: 2026-11-22T18:00:00+00:00
            """);
  }

  @Test
  void completionIsAScriptForTheShell() {
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true));
    assertThat(line.execute("completion", "bash")).isZero();
    assertThat(out.toString()).startsWith("#!/usr/bin/env bash").contains("edit-config");
  }
}
