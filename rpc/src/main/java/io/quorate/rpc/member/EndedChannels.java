package io.quorate.rpc.member;

import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/** Waits for the end of connections. */
public final class EndedChannels {

  /** Ending takes milliseconds; what takes longer is left behind. */
  private static final long LIMIT_NS = Duration.ofSeconds(1).toNanos();

  private EndedChannels() {}

  /**
   * Blocks until these, which were told to shut down, have ended; at most one second, or until the
   * thread is interrupted. Only then may their event loops end: a name just resolved begins a
   * connection on another thread, and one begun on loops that are gone fails with nothing but
   * gRPC's panic in the log.
   */
  public static void await(Collection<ManagedChannel> channels) {
    long left = LIMIT_NS / Math.max(1, channels.size());
    try {
      for (ManagedChannel channel : channels) {
        var _ = channel.awaitTermination(left, TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
