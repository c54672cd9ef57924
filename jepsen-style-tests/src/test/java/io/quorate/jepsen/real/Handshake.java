package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;

/** A client that tries to be let in where HTTP/2 is spoken, and trusts whoever answers. */
final class Handshake {

  private static final int TIMEOUT_MS = 5_000;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

  private Handshake() {}

  /** The server's certificate where it goes on to speak HTTP/2; empty where it does not. */
  static Optional<X509Certificate> with(int port, SSLContext context) {
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
      socket.setSoTimeout(TIMEOUT_MS);
      var parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
      socket.startHandshake();
      socket.getOutputStream().write(PREFACE);
      // Under TLS 1.3 a client learns only now that its certificate is not taken.
      return socket.getInputStream().read() < 0
          ? Optional.empty()
          : Optional.of((X509Certificate) socket.getSession().getPeerCertificates()[0]);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** How many bytes a server answers to plain HTTP/2, which is none where it speaks TLS. */
  static boolean plainTextAnswered(int port) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
      socket.getOutputStream().write(PREFACE);
      byte[] said = socket.getInputStream().readNBytes(16);
      // What may come is an alert of TLS: content type 21.
      return said.length > 0 && said[0] != 21;
    } catch (java.net.SocketException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Trusts everybody. */
  static final class Everybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
