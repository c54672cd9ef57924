package io.quorate.rpc.member;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A network between two ends that can lose everything without a word: while it drops, connections
 * stand and nothing passes, and of what was lost nothing comes later, on old connections ever.
 */
final class DroppingRelay implements AutoCloseable {

  private final ServerSocket server;
  private final InetSocketAddress target;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Closeable> open = new ConcurrentLinkedQueue<>();
  private volatile boolean dropping;

  DroppingRelay(InetSocketAddress target) throws IOException {
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.target = target;
    executor.execute(this::accept);
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  void drop(boolean on) {
    dropping = on;
  }

  private void accept() {
    try {
      while (true) {
        Socket near = server.accept();
        Socket far = new Socket();
        far.connect(target);
        open.add(near);
        open.add(far);
        executor.execute(() -> copy(near, far));
        executor.execute(() -> copy(far, near));
      }
    } catch (IOException e) {
      // Closed.
      dropping = true;
    }
  }

  private void copy(Socket from, Socket to) {
    boolean lost = false;
    byte[] buffer = new byte[8192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        lost |= dropping;
        if (!lost) {
          out.write(buffer, 0, read);
        }
      }
    } catch (IOException e) {
      // One end is gone; the other is told by closing.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Closeable socket : open) {
      socket.close();
    }
    executor.shutdownNow();
  }
}
