package io.quorate.rpc.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.quorate.rpc.FakeAgent;
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
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes on the wire. */
final class HealthServerTest {

  private static final int PATIENCE_MS = 10_000;

  private final FakeAgent agent = new FakeAgent();
  private AccessGuard guard = AccessGuard.LOOPBACK_ONLY;
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

  /** Everything that comes back until the server closes. */
  private String exchange(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(PATIENCE_MS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OPTIONS / HTTP/1.0, 200 OK",
    "OPTIONS / HTTP/1.1, 200 OK",
    "HEAD /primary HTTP/1.0, 200 OK",
    "HEAD //leader HTTP/1.1, 200 OK",
    "HEAD /replica?lag=16MB HTTP/1.1, 503 Service Unavailable",
    "HEAD /patroni HTTP/1.1, 503 Service Unavailable",
    "OPTIONS /liveness HTTP/1.1, 503 Service Unavailable",
    "GET /liveness HTTP/1.1, 200 OK",
    "GET /readiness HTTP/1.1, 200 OK",
  })
  void probesGetAStatusLineAndNothingElse(String line, String status) throws IOException {
    assertThat(exchange(line + "\r\nHost: x\r\n\r\n")).isEqualTo("HTTP/1.0 " + status + "\r\n\r\n");
  }

  @Test
  void getAnswersTheStatusWhateverTheCode() throws IOException {
    String primary = exchange("GET /primary HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(primary)
        .startsWith("HTTP/1.0 200 OK\r\n")
        .contains("content-type: application/json\r\n")
        .contains("\r\n\r\n{\"state\": \"running\", ")
        .endsWith("}}");
    assertThat(exchange("GET /replica HTTP/1.0\r\n\r\n"))
        .startsWith("HTTP/1.0 503 Service Unavailable\r\n")
        .contains("\r\n\r\n{\"state\": \"running\", ");
    assertThat(exchange("GET /no/such/path HTTP/1.0\r\n\r\n"))
        .startsWith("HTTP/1.0 503 Service Unavailable\r\n")
        .endsWith("}}");
    assertThat(exchange("GET /failsafe HTTP/1.0\r\n\r\n"))
        .startsWith("HTTP/1.0 502 Bad Gateway\r\n");
  }

  @Test
  void theAnswerIsJudgedWhenItIsGiven() throws IOException {
    String request = "GET /primary HTTP/1.0\r\n\r\n";
    assertThat(exchange(request)).startsWith("HTTP/1.0 200 ");
    agent.at(Snapshots.AT.plus(Duration.ofSeconds(2)));
    assertThat(exchange(request)).startsWith("HTTP/1.0 503 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /failsafe HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        "PUT /patroni HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "DELETE /config HTTP/1.0\r\n\r\n",
      })
  void methodsThatNobodyServesAreNotImplemented(String request) throws IOException {
    assertThat(exchange(request))
        .startsWith("HTTP/1.0 501 Not Implemented\r\n")
        .contains("content-type: text/html");
  }

  @Test
  void nonsenseIsRefused() throws IOException {
    assertThat(exchange("nonsense\r\n\r\n")).startsWith("HTTP/1.0 400 Bad Request\r\n");
    assertThat(exchange("GET /" + "x".repeat(10_000) + " HTTP/1.0\r\n\r\n"))
        .startsWith("HTTP/1.0 400 Bad Request\r\n");
  }

  @Test
  void answersBeforeTheFirstSnapshot() throws IOException {
    try (HealthServer early =
        HealthServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new FakeAgent(),
            () -> guard,
            agent,
            loops)) {
      HealthServer running = server;
      server = early;
      assertThat(exchange("GET /liveness HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 200 ");
      assertThat(exchange("GET /readiness HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 503 ");
      assertThat(exchange("OPTIONS / HTTP/1.0\r\n\r\n"))
          .isEqualTo("HTTP/1.0 503 Service Unavailable\r\n\r\n");
      server = running;
    }
  }

  @Test
  void aTakenPortIsNamed() {
    assertThatThrownBy(() ->
            HealthServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                agent,
                () -> guard,
                agent,
                loops))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on")
        .hasMessageContaining(Integer.toString(server.port()));
  }
}
