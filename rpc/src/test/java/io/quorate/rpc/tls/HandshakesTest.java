package io.quorate.rpc.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.NotSslRecordException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** What is said of a handshake that failed. */
final class HandshakesTest {

  private static final InetSocketAddress OWN =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 2379);

  @Test
  void eachCauseIsSaidInItsOwnWords() {
    assertThat(Handshakes.reason(new NotSslRecordException("not an SSL/TLS record: 47455420"), OWN))
        .hasValueSatisfying(why -> assertThat(why).contains("port 2379", "plain text"));
    assertThat(Handshakes.reason(new SSLHandshakeException("Empty client certificate chain"), OWN))
        .hasValueSatisfying(why -> assertThat(why).contains("port 2379", "shows none"));
    assertThat(
            Handshakes.reason(
                new SSLHandshakeException("Received fatal alert: certificate_unknown"), OWN))
        .hasValueSatisfying(why ->
            assertThat(why).contains("does not take this member's certificate", "port 2379"));
    assertThat(Handshakes.reason(new SSLHandshakeException("No common protocol"), OWN))
        .hasValueSatisfying(why -> assertThat(why).contains("port 2379: No common protocol"));
  }

  @Test
  void whatWasSaidOrMeansNothingIsNotSaid() {
    SSLHandshakeException judged = new SSLHandshakeException("no");
    judged.initCause(new CertificateException("this port is for members"));
    assertThat(Handshakes.reason(judged, OWN)).isEmpty();
    assertThat(Handshakes.reason(new ClosedChannelException(), OWN)).isEmpty();
  }
}
