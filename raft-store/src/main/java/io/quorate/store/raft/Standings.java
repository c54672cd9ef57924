package io.quorate.store.raft;

import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/** The most that each voter was heard to have, since this member was started. */
final class Standings {
  /** Raft tells a term a moment before it is on the disk; a commit index only after. */
  private static final Duration SETTLED = Duration.ofSeconds(1);

  private record Heard(long term, BootTime since, Standing sure) {}

  private final ConcurrentHashMap<String, Heard> heard = new ConcurrentHashMap<>();
  private final MonotonicClock clock;

  Standings(MonotonicClock clock) {
    this.clock = clock;
  }

  /** The voter said that it has come so far. */
  void note(String voter, Standing said) {
    BootTime now = clock.now();
    heard.compute(
        voter,
        (_, known) -> {
          Standing before = known == null ? Standing.NONE : known.sure();
          if (known == null || said.term() > known.term()) {
            return new Heard(said.term(), now, before.max(new Standing(0, said.index())));
          }
          boolean settled = known.since().until(now).compareTo(SETTLED) >= 0;
          return new Heard(
              known.term(),
              known.since(),
              before.max(new Standing(settled ? said.term() : 0, said.index())));
        });
  }

  /** The most that it certainly had. */
  Standing of(String voter) {
    Heard known = heard.get(voter);
    return known == null ? Standing.NONE : known.sure();
  }
}
