package io.quorate.rpc.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.model.Intent;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.FakeCluster;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wishes by REST: Patroni's bodies, codes and texts, with a store and an engine behind them. */
final class WishActionsTest {

  private static final int PATIENCE_MS = 10_000;

  private final FakeAgent agent = new FakeAgent();
  private EventLoopGroup loops;
  private HealthServer server;
  private FakeCluster cluster;

  @BeforeEach
  void start() throws IOException {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    server =
        HealthServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            agent,
            () -> AccessGuard.LOOPBACK_ONLY,
            agent,
            loops);
    cluster = new FakeCluster(agent, Snapshots.primary(Duration.ofSeconds(2)));
  }

  @AfterEach
  void stop() {
    cluster.close();
    server.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Status code and body. */
  private String send(String line, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String request =
        line + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + bytes.length + "\r\n\r\n" + body;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(PATIENCE_MS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return answer.substring(9, 12) + " " + answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
  }

  @Test
  void aSwitchoverIsWaitedFor() throws IOException {
    cluster.answer(
        FakeCluster.state(Intent.State.STOPPING, "stopping"), FakeCluster.handedTo(Snapshots.B));
    assertThat(send("POST /switchover", "{\"leader\": \"a\"}"))
        .isEqualTo("200 Successfully switched over to \"b\"");
    assertThat(send("POST /switchover", "{\"leader\": \"a\", \"member\": \"b\"}"))
        .isEqualTo("200 Successfully switched over to \"b\"");
    assertThat(send("POST /failover", "{\"leader\": \"a\", \"candidate\": \"b\"}"))
        .isEqualTo("200 Successfully switched over to \"b\"");
    assertThat(send("POST /failover", "{\"candidate\": \"b\"}"))
        .isEqualTo("200 Successfully failed over to \"b\"");
  }

  @Test
  void aSwitchoverThatFailsSaysWhy() throws IOException {
    cluster.answer(FakeCluster.state(Intent.State.FAILED, "b did not confirm"));
    assertThat(send("POST /switchover", "{\"leader\": \"a\"}"))
        .isEqualTo("503 Switchover failed: b did not confirm");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "POST /failover|{\"leader\": \"a\"}|400 Failover could be performed only to a specific candidate",
        "POST /failover|{\"x\": 1}|400 Failover could be performed only to a specific candidate",
        "POST /switchover|{\"candidate\": \"b\"}|400 Switchover could be performed only from a specific leader",
        "POST /failover|{\"candidate\": \"b\", \"scheduled_at\": \"2030-01-01T00:00Z\"}|400 Failover can't be scheduled",
        "POST /switchover|{\"leader\": \"a\", \"candidate\": \"a\"}|400 Switchover target and source are the same",
        "POST /switchover|{\"leader\": \"b\"}|412 switchover is not possible: leader name does not match",
        "POST /switchover|{\"leader\": \"a\", \"candidate\": \"z\"}|412 switchover is not possible: candidate does not exist",
        "POST /switchover|{\"leader\": \"a\", \"scheduled_at\": \"2020-01-01T00:00Z\"}|422 scheduled_at 2020-01-01T00:00:00Z has passed already",
        "POST /switchover|{\"leader\": \"a\", \"scheduled_at\": \"soon\"}|422 'soon' is no time: expected something such as '2030-01-31T22:00:00+00:00'",
        "POST /switchover|{\"leader\": \"a\", \"scheduled_at\": \"2030-01-01T00:00:00\"}|400 '2030-01-01T00:00:00' has no time zone: add one, such as '+00:00'",
        "POST /switchover|{}|400 the body must be a JSON object",
        "DELETE /switchover||404 no switchover is scheduled",
        "DELETE /restart||404 no restarts are scheduled",
        "POST /restart|{\"when\": 1}|400 Unknown filter for the restart: when",
        "POST /restart|{\"role\": \"boss\"}|400 'boss' is no role: primary or replica",
        "POST /restart|{\"postgres_version\": \"15\"}|400 '15' is no version of PostgreSQL: expected something such as '15.4'",
        "POST /restart|{\"timeout\": \"-1\"}|400 '-1' is no time: expected seconds, or something such as '500ms' or '2min'",
        "POST /restart|{\"role\": \"replica\"}|503 a is primary",
        "POST /reinitialize||503 I am the leader, can not reinitialize",
      })
  void whatCannotBeIsRefused(String line, String body, String answer) throws IOException {
    assertThat(send(line, body == null ? "" : body)).isEqualTo(answer);
  }

  @Test
  void aScheduledSwitchoverIsShownAndDeleted() throws IOException {
    assertThat(
            send(
                "POST /switchover",
                "{\"leader\": \"a\", \"candidate\": \"b\", \"scheduled_at\":"
                    + " \"2030-01-01T00:00:00+00:00\"}"))
        .isEqualTo("202 Switchover scheduled");
    assertThat(send("POST /switchover", "{\"leader\": \"a\"}"))
        .startsWith("503 one is not finished");
    assertThat(until("GET /cluster", "scheduled_switchover"))
        .contains(
            "\"scheduled_switchover\": {\"at\": \"2030-01-01T00:00:00+00:00\", \"from\": \"a\","
                + " \"to\": \"b\"}, \"scope\": \"demo\"}");
    assertThat(send("DELETE /switchover", "")).isEqualTo("200 scheduled switchover deleted");
  }

  @Test
  void aRestartIsWaitedForOrScheduled() throws IOException {
    cluster.answer(FakeCluster.state(Intent.State.DONE, "restarted"));
    assertThat(send("POST /restart", "")).isEqualTo("200 restarted successfully");
    cluster.answer(FakeCluster.state(Intent.State.FAILED, "it does not start"));
    assertThat(send("POST /restart", "{\"timeout\": 5}"))
        .isEqualTo("503 restart failed: it does not start");
    String later = "{\"schedule\": \"2030-01-01T00:00:00+00:00\"}";
    assertThat(send("POST /restart", later)).isEqualTo("202 Restart scheduled");
    assertThat(send("POST /restart", later)).isEqualTo("409 Another restart is already scheduled");
    assertThat(until("GET /cluster", "scheduled_restart"))
        .contains("\"scheduled_restart\": {\"schedule\": \"2030-01-01T00:00:00+00:00\"}");
    assertThat(send("DELETE /restart", "")).isEqualTo("200 scheduled restart deleted");
  }

  @Test
  void aNewCopyIsBegunAndForced() throws IOException {
    cluster.as(Snapshots.standby());
    assertThat(send("POST /reinitialize", "{\"force\": \"yes\"}"))
        .isEqualTo("400 force must be true or false");
    assertThat(send("POST /reinitialize", "{\"from-leader\": true, \"from_leader\": true}"))
        .isEqualTo("200 reinitialize started");
    assertThat(send("POST /reinitialize", "")).isEqualTo("503 reinitialize already in progress");
    assertThat(send("POST /reinitialize", "{\"force\": false}"))
        .isEqualTo("503 reinitialize already in progress");
    assertThat(send("POST /reinitialize", "{\"force\": true}"))
        .isEqualTo("200 reinitialize started");
    cluster.advance("reinit/b", FakeCluster.state(Intent.State.RUNNING, "copying b anew"));
    assertThat(send("POST /reinitialize", "{\"force\": true}"))
        .as("what has begun goes on")
        .isEqualTo("503 reinitialize already in progress");
  }

  @Test
  void reloadIsScheduled() throws IOException {
    assertThat(send("POST /reload", "")).isEqualTo("202 reload scheduled");
  }

  @Test
  void nothingIsScheduledInPause() throws IOException {
    assertThat(send("PATCH /config", "{\"pause\": true}")).startsWith("200 ");
    assertThat(until("GET /cluster", "\"pause\": true")).contains("\"pause\": true");
    assertThat(send("POST /restart", "{\"schedule\": \"2030-01-01T00:00:00+00:00\"}"))
        .isEqualTo("500 Can't schedule restart in the paused state");
    assertThat(send("POST /switchover", "{\"leader\": \"a\"}"))
        .isEqualTo("400 Switchover is possible only to a specific candidate in a paused state");
  }

  /** The answer once it has {@code part}: the view follows the store. */
  private String until(String line, String part) throws IOException {
    String answer = send(line, "");
    for (int i = 0; i < 1_000 && !answer.contains(part); i++) {
      answer = send(line, "");
    }
    return answer;
  }
}
