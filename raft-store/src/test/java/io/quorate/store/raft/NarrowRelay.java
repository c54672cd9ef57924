package io.quorate.store.raft;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A way to a port over which small messages come, and large ones never. */
final class NarrowRelay implements AutoCloseable {
  private static final int LARGE = 64 * 1024;

  private final ServerSocket server;
  private final HostPort target;
  private final Queue<Closeable> open = new ConcurrentLinkedQueue<>();
  private volatile boolean wide;

  NarrowRelay(HostPort target) {
    try {
      this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  HostPort address() {
    return new HostPort("127.0.0.1", server.getLocalPort());
  }

  /** Where it leads to. */
  HostPort target() {
    return target;
  }

  /** Lets everything pass from now on. */
  void widen() {
    wide = true;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        Socket far = new Socket();
        far.connect(new InetSocketAddress(target.host(), target.port()));
        open.add(near);
        open.add(far);
        Thread.ofVirtual().start(() -> copy(near, far));
        Thread.ofVirtual().start(() -> copy(far, near));
      } catch (IOException _) {
        // Closed, or nobody listens there yet.
      }
    }
  }

  /** A connection that has carried so much is cut. */
  private void copy(Socket from, Socket to) {
    byte[] buffer = new byte[8 * 1024];
    int carried = 0;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        carried += n;
        if (!wide && carried > LARGE) {
          return;
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException _) {
      // Either end is gone.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Closeable socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
