package io.quorate.jepsen.linear.run;

import io.quorate.jepsen.linear.LeaseExclusion.Hold;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * A client that takes a lock on a lease, renews it for a while and lets it go or forgets it. It
 * believes in the lock as a primary does in its own: until the sending of the last renewal, plus
 * the time to live, less drift.
 */
final class LockClient {

  private static final long TTL_MILLIS = 1_500;
  private static final double DRIFT = 0.01;
  private static final Duration RENEW = Duration.ofMillis(250);
  private static final Duration TRY_AGAIN = Duration.ofMillis(30);

  private final StoreGroup group;
  private final Recording recording;
  private final String name;
  private final String key;
  private final RandomGenerator random;
  private int values;

  LockClient(
      StoreGroup group, Recording recording, String name, String key, RandomGenerator random) {
    this.group = group;
    this.recording = recording;
    this.name = name;
    this.key = key;
    this.random = random;
  }

  void run(BooleanSupplier goOn) {
    while (goOn.getAsBoolean()) {
      take(goOn);
      StoreGroup.pause(TRY_AGAIN);
    }
  }

  private static long believed(long sentAt) {
    return sentAt + (long) (TTL_MILLIS * 1_000_000 * ((1 - DRIFT) / (1 + DRIFT)));
  }

  private void take(BooleanSupplier goOn) {
    StoreMember member = group.member(group.any(random));
    long lease = random.nextLong(1, Long.MAX_VALUE);
    long grantedAt = System.nanoTime();
    if (!member.alive()
        || !RegisterClient.answer(member, "grant " + lease + " " + TTL_MILLIS).startsWith("done")) {
      return;
    }
    values++;
    String value = name + "-" + values;
    String answer = RegisterClient.answer(member, "cas " + key + " - " + value + " " + lease);
    recording.wrote(key, value, answer);
    if (answer.startsWith("done") && answer.endsWith(" true")) {
      hold(answer.split(" ", -1)[1], System.nanoTime(), believed(grantedAt), goOn);
    }
  }

  private void hold(String revision, long from, long firstUntil, BooleanSupplier goOn) {
    long until = firstUntil;
    int renewals = random.nextInt(5);
    for (int i = 0; i < renewals && goOn.getAsBoolean(); i++) {
      StoreGroup.pause(RENEW);
      long sentAt = System.nanoTime();
      if (sentAt >= until) {
        break;
      }
      String answer =
          RegisterClient.answer(group.member(group.any(random)), "renew " + key + " " + revision);
      // An answer that comes after the lock was thought to be lost does not bring it back.
      if (answer.equals("Renewed") && System.nanoTime() < until) {
        until = Math.max(until, believed(sentAt));
      }
    }
    long released = System.nanoTime();
    boolean release = random.nextInt(4) > 0;
    recording.held(new Hold(name, key, from, release ? Math.min(until, released) : until));
    if (release) {
      var _ =
          RegisterClient.answer(group.member(group.any(random)), "release " + key + " " + revision);
    }
  }
}
