package io.quorate.rpc.grpc;

import io.grpc.Server;
import java.util.concurrent.TimeUnit;

/** Ends servers. */
final class Servers {

  private Servers() {}

  /** Gives calls under way {@code millis}, then cuts them off. The server is shutting down. */
  static void await(Server server, long millis) {
    try {
      if (!server.awaitTermination(millis, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(millis, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
