package io.quorate.jepsen.linear.run;

import io.quorate.jepsen.real.SlowCalls;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** What is done to a store while it is used. */
public enum StoreFault {
  /** Nothing. */
  NONE,
  /** A process killed, started again a moment later. */
  KILL,
  /** A process stopped, continued after another has become leader. */
  PAUSE,
  /** A host cut off from the others; its clients still reach it. Needs a network. */
  PARTITION,
  /** The disks of the leader and of another slow. */
  SLOW_DISK,
  /** Leadership moved by command. */
  TRANSFER,
  /** A member taken away and in again, or its storage emptied and itself replaced. */
  MEMBERSHIP,
  /** Any of those, one after another. */
  MIXED;

  private static final Duration OVERTAKEN = Duration.ofMillis(1_800);

  /** Whether hosts with a network of their own are needed. */
  public boolean needsNetwork() {
    return this == PARTITION;
  }

  /** Does it once, from begin to end; mostly to the leader, who has most to lose. */
  void strike(StoreGroup group, RandomGenerator random, boolean network) {
    int victim =
        random.nextInt(4) == 0
            ? group.any(random)
            : group.leader().orElseGet(() -> group.any(random));
    switch (this) {
      case NONE -> StoreGroup.pause(OVERTAKEN);
      case KILL -> {
        group.member(victim).kill();
        StoreGroup.pause(Duration.ofMillis(random.nextInt(1_500)));
        group.open(victim);
      }
      case PAUSE -> {
        group.member(victim).signal("STOP");
        StoreGroup.pause(OVERTAKEN);
        group.member(victim).signal("CONT");
      }
      case PARTITION -> {
        group.network().cut(victim);
        StoreGroup.pause(OVERTAKEN);
        group.network().heal(victim);
      }
      case SLOW_DISK -> slowDisks(group, victim, victim % StoreGroup.SIZE + 1);
      case TRANSFER -> {
        int to = group.any(random);
        var _ = group.member(group.any(random)).send("transfer " + group.member(to).name());
        StoreGroup.pause(Duration.ofMillis(500));
      }
      case MEMBERSHIP -> {
        if (random.nextBoolean()) {
          group.removeAndAdd(victim);
        } else {
          group.wipe(victim);
          group.replace(victim);
        }
      }
      case MIXED -> {
        StoreFault[] all = {KILL, PAUSE, PARTITION, SLOW_DISK, TRANSFER, MEMBERSHIP};
        StoreFault one = all[random.nextInt(all.length)];
        (one == PARTITION && !network ? PAUSE : one).strike(group, random, network);
      }
    }
  }

  private static void slowDisks(StoreGroup group, int one, int other) {
    Duration delay = Duration.ofMillis(400);
    try (var _ = SlowCalls.disk(group.member(one).pid(), delay);
        var _ = SlowCalls.disk(group.member(other).pid(), delay)) {
      StoreGroup.pause(OVERTAKEN);
    }
  }
}
