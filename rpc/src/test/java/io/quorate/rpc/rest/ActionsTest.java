package io.quorate.rpc.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.ha.model.Secret;
import io.quorate.rpc.FakeAgent;
import io.quorate.rpc.Snapshots;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.access.AddressRange;
import io.quorate.rpc.access.Login;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that change something, on the wire, with a store behind them. */
final class ActionsTest {

  private static final int PATIENCE_MS = 10_000;
  private static final Login LOGIN = new Login("ops", new Secret("secret"));

  private final FakeAgent agent = new FakeAgent();
  private volatile AccessGuard guard = AccessGuard.LOOPBACK_ONLY;
  private EventLoopGroup loops;
  private HealthServer server;

  @BeforeEach
  void start() throws IOException {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    server =
        HealthServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            agent,
            () -> guard,
            agent,
            loops);
    agent.publish(Snapshots.primary(Duration.ofSeconds(2)));
  }

  @AfterEach
  void stop() {
    server.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private String send(String line, String headers, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return raw(
        line
            + " HTTP/1.1\r\nHost: x\r\n"
            + headers
            + "Content-Length: "
            + bytes.length
            + "\r\n\r\n"
            + body);
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(PATIENCE_MS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void patchMergesAndAnswersTheWhole() throws IOException {
    agent.configure("{\"ttl\":5,\"postgresql\":{\"parameters\":{\"work_mem\":\"8MB\"}}}");
    assertThat(
            send(
                "PATCH /config",
                "",
                "{\"pause\": true, \"postgresql\": {\"parameters\": {\"work_mem\": null}}}"))
        .startsWith("HTTP/1.0 200 OK\r\n")
        .contains("content-type: application/json\r\n")
        .endsWith("\r\n\r\n{\"ttl\": 5, \"postgresql\": {\"parameters\": {}}, \"pause\": true}");
    assertThat(send("PATCH /config", "", "{\"pause\": null}"))
        .endsWith("\r\n\r\n{\"ttl\": 5, \"postgresql\": {\"parameters\": {}}}");
  }

  @Test
  void putReplacesTheWhole() throws IOException {
    agent.configure("{\"ttl\":5,\"pause\":true}");
    assertThat(send("PUT /config", "", "{\"ttl\": 6}"))
        .startsWith("HTTP/1.0 200 OK\r\n")
        .endsWith("\r\n\r\n{\"ttl\": 6}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "PATCH /config|{\"ttl\": \"much\"}|400 Bad Request|ttl: must be a whole number",
        "PATCH /config|{\"tll\": 5}|400 Bad Request|tll: is not a setting; did you mean 'ttl'?",
        "PUT /config|{\"synchronous_mode\": true}|400 Bad Request|synchronous_mode: ",
        "PATCH /config|{}|400 Bad Request|must be a JSON object",
        "PATCH /config|[1]|400 Bad Request|must be a JSON object",
        "PATCH /config|{\"ttl\"|400 Bad Request|must be a JSON object",
      })
  void wrongChangesAreRefusedWithTheReason(String line, String body, String status, String text)
      throws IOException {
    agent.configure("{\"ttl\":5}");
    assertThat(send(line, "", body)).startsWith("HTTP/1.0 " + status + "\r\n").contains(text);
  }

  @Test
  void whatStoodThereBeforeDoesNotForbidAnotherChange() throws IOException {
    agent.configure("{\"synchronous_mode\":true}");
    assertThat(send("PATCH /config", "", "{\"pause\": true}")).startsWith("HTTP/1.0 200 ");
  }

  @Test
  void withoutACluster() throws IOException {
    assertThat(send("PATCH /config", "", "{\"pause\": true}")).startsWith("HTTP/1.0 503 ");
    assertThat(send("PUT /config", "", "{\"pause\": true}")).startsWith("HTTP/1.0 502 ");
  }

  @Test
  void lengthsAreJudged() throws IOException {
    assertThat(raw("PATCH /config HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 411 Length Required");
    assertThat(send("PATCH /config", "", "{\"x\": \"" + "y".repeat(70_000) + "\"}"))
        .startsWith("HTTP/1.0 413 ");
  }

  @Test
  void aLoginIsAskedForOnlyWhereSomethingChanges() throws IOException {
    agent.configure("{\"ttl\":5}");
    guard = new AccessGuard(Optional.of(LOGIN), List.of());
    assertThat(send("PATCH /config", "", "{\"ttl\": 6}"))
        .startsWith("HTTP/1.0 401 Unauthorized\r\n")
        .contains("WWW-Authenticate: Basic realm=\"Patroni\"\r\n")
        .endsWith("no auth header received");
    assertThat(send("PATCH /config", "Authorization: Basic b3BzOng=\r\n", "{\"ttl\": 6}"))
        .startsWith("HTTP/1.0 401 ")
        .endsWith("not authenticated");
    assertThat(
            send(
                "PATCH /config",
                "Authorization: " + LOGIN.authorization() + "\r\n",
                "{\"ttl\": 6}"))
        .startsWith("HTTP/1.0 200 ");
    assertThat(raw("GET /config HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 200 ");
  }

  @Test
  void otherAddressesAreForbidden() throws IOException {
    guard = new AccessGuard(Optional.of(LOGIN), List.of(AddressRange.parse("192.0.2.0/24")));
    assertThat(
            send(
                "PATCH /config",
                "Authorization: " + LOGIN.authorization() + "\r\n",
                "{\"ttl\": 6}"))
        .startsWith("HTTP/1.0 403 Forbidden\r\n")
        .contains("'restapi.allowlist'");
  }
}
