package io.quorate.store.raft;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/** Free ports on the loopback interface. */
final class TestPorts {
  private static final int FIRST = 20_000;
  private static final int COUNT = 500;

  /** Where this process begins to look, so that two that run at once seldom meet. */
  private static final AtomicInteger NEXT =
      new AtomicInteger((int) (ProcessHandle.current().pid() * 37 % COUNT));

  private TestPorts() {}

  static HostPort free() {
    for (int i = 0; i < COUNT; i++) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new HostPort("127.0.0.1", port);
      } catch (IOException _) {
        // Taken: the next one.
      }
    }
    throw new IllegalStateException("no free port from " + FIRST + " on");
  }
}
