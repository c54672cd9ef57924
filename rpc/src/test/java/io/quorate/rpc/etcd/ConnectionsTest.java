package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As many connections as the bound says, and not one more; one that ends makes room. */
final class ConnectionsTest {

  private static final EtcdSettings.Limits LIMITS =
      new EtcdSettings.Limits(
          1536 * 1024,
          1536 * 1024,
          10,
          4,
          2,
          Duration.ofMinutes(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(3));

  @Test
  void areBounded(@TempDir Path dir) throws IOException {
    try (EtcdCluster cluster = EtcdCluster.start(dir, 1, LIMITS);
        Socket one = connect(cluster)) {
      assertThat(version(one)).isTrue();
      try (Socket two = connect(cluster);
          Socket more = connect(cluster)) {
        assertThat(version(two)).isTrue();
        assertThat(version(more)).isFalse();
        assertThat(version(one)).isTrue();
      }
      EtcdCluster.await(() -> {
        try (Socket again = connect(cluster)) {
          return version(again);
        } catch (IOException e) {
          return false;
        }
      });
    }
  }

  private static Socket connect(EtcdCluster cluster) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), cluster.port(0));
  }

  /** Whether the server answers on this connection. */
  private static boolean version(Socket socket) {
    try {
      socket
          .getOutputStream()
          .write("GET /version HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      return "HTTP/1.1 200 OK".equals(reader.readLine());
    } catch (IOException e) {
      return false;
    }
  }
}
