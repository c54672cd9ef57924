package io.quorate.ha.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import javax.net.SocketFactory;

/**
 * Gives the JDBC driver, which asks for TCP sockets, connections to one unix socket instead. Public
 * because the driver makes it by name.
 */
public final class UnixSocketFactory extends SocketFactory {

  private final String path;

  /** Connects to the socket at {@code path}. */
  public UnixSocketFactory(String path) {
    this.path = path;
  }

  @Override
  public Socket createSocket() throws IOException {
    SocketChannel channel = SocketChannel.open(java.net.StandardProtocolFamily.UNIX);
    try {
      // Not blocking: a server that was stopped accepts nothing, and its queue may be full.
      channel.configureBlocking(false);
      if (!channel.connect(UnixDomainSocketAddress.of(path))) {
        throw new IOException(path + " takes no connection now");
      }
      return new UnixSocket(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return createSocket();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return createSocket();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return createSocket();
  }
}
