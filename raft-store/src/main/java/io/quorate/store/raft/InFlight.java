package io.quorate.store.raft;

import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The commands that this member proposed and that are not applied yet. They are found again when
 * their entry is applied here, under whichever leader: so an outcome that a change of leader made
 * uncertain is often settled after all.
 */
final class InFlight {
  private final ClientId client = ClientId.randomId();
  private final ByteString clientBytes = client.toByteString();
  private final AtomicLong calls = new AtomicLong();
  private final ConcurrentHashMap<Long, CommandMessage> byCall = new ConcurrentHashMap<>();

  /** As whom this process proposes. */
  ClientId client() {
    return client;
  }

  int size() {
    return byCall.size();
  }

  /** A number for a request that is not a command. */
  long nextCall() {
    return calls.incrementAndGet();
  }

  /** Adds a command and gives its number. */
  long add(CommandMessage message) {
    long call = calls.incrementAndGet();
    byCall.put(call, message);
    return call;
  }

  /** The command behind an entry of the log, if it is one of these; it is no longer in flight. */
  @Nullable CommandMessage take(ByteString proposer, long call) {
    return proposer.equals(clientBytes) ? byCall.remove(call) : null;
  }

  void remove(long call) {
    byCall.remove(call);
  }

  /** Ends what was proposed longer than {@code limit} ago and not heard of since. */
  void expire(BootTime now, Duration limit) {
    byCall.forEach((call, message) -> {
      if (message.since().until(now).compareTo(limit) >= 0 && byCall.remove(call, message)) {
        message.fail("no answer from the log for %d ms".formatted(limit.toMillis()));
      }
    });
  }

  /** Ends all: the server is gone. */
  void drain(String reason) {
    byCall.forEach((call, message) -> {
      if (byCall.remove(call, message)) {
        message.fail(reason);
      }
    });
  }
}
