package io.quorate.store.raft;

import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The entries that this member proposed and that are not applied yet. They are found again when
 * their entry is applied here, under whichever leader: so an outcome that a change of leader made
 * uncertain is often settled after all.
 */
final class InFlight {
  private final ClientId client = ClientId.randomId();
  private final ByteString clientBytes = client.toByteString();
  private final AtomicLong calls = new AtomicLong();
  private final ConcurrentHashMap<Long, ProposedEntry> byCall = new ConcurrentHashMap<>();

  private volatile Runnable ended = () -> {};

  /** {@code ended} is called whenever an entry is in flight no more; it must not block. */
  void onEnd(Runnable listener) {
    ended = listener;
  }

  /** As whom this process proposes. */
  ClientId client() {
    return client;
  }

  /** A number for a request that is not a command. */
  long nextCall() {
    return calls.incrementAndGet();
  }

  /** Adds an entry and gives its number. */
  long add(ProposedEntry entry) {
    long call = calls.incrementAndGet();
    byCall.put(call, entry);
    return call;
  }

  /** What is behind an entry of the log, if it is one of these; it is in flight no more. */
  @Nullable ProposedEntry take(ByteString proposer, long call) {
    return proposer.equals(clientBytes) ? remove(call) : null;
  }

  /** It is in flight no more. */
  @Nullable ProposedEntry remove(long call) {
    ProposedEntry entry = byCall.remove(call);
    if (entry != null) {
      ended.run();
    }
    return entry;
  }

  /** Ends what was proposed longer than {@code limit} ago and not heard of since. */
  void expire(BootTime now, Duration limit) {
    byCall.forEach((call, entry) -> {
      if (entry.since().until(now).compareTo(limit) >= 0 && remove(call) != null) {
        entry.fail("no answer from the log for %d ms".formatted(limit.toMillis()));
      }
    });
  }

  /** Ends all: the server is gone. */
  void drain(String reason) {
    byCall.forEach((call, entry) -> {
      if (remove(call) != null) {
        entry.fail(reason);
      }
    });
  }
}
