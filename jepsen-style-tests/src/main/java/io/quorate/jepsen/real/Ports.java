package io.quorate.jepsen.real;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Free ports for whole clusters, below those that the kernel hands out by itself. */
public final class Ports {

  private static final int FIRST = 22_000;
  private static final int BLOCKS = 80;
  private static final int BLOCK = 50;

  private Ports() {}

  /** First of fifty ports on which nobody listens at the moment. */
  public static int freeBlock() {
    // Where one begins to look depends on the process, so that two at once seldom meet.
    int from = (int) (ProcessHandle.current().pid() * 7 % BLOCKS);
    for (int i = 0; i < BLOCKS; i++) {
      int base = FIRST + (from + i) % BLOCKS * BLOCK;
      if (allFree(base)) {
        return base;
      }
    }
    throw new IllegalStateException(
        "no fifty free ports from " + FIRST + " on: end what listens there");
  }

  private static boolean allFree(int base) {
    for (int port = base; port < base + BLOCK; port++) {
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }
}
