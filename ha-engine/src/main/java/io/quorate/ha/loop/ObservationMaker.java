package io.quorate.ha.loop;

import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.decide.Action;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.DataId;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Builds what a decision looks at, from what the loop remembers and its resources report. */
final class ObservationMaker {

  private static final Duration VIEW_CATCH_UP = Duration.ofSeconds(1);

  private final HaPorts ports;
  private final LoopMemory memory;
  private final PrimaryHold hold;
  private final ClusterWatch watch;
  private Optional<BootTime> awaitedSince = Optional.empty();
  private DataId nextDataId;

  ObservationMaker(HaPorts ports, LoopMemory memory, PrimaryHold hold, ClusterWatch watch) {
    this.ports = ports;
    this.memory = memory;
    this.hold = hold;
    this.watch = watch;
    this.nextDataId = randomDataId();
  }

  Observation observe(HaConfig config, ClusterSettings settings) {
    BootTime now = ports.clock().now();
    return new Observation(
        now,
        config.name(),
        config.runId(),
        config.tags(),
        config.rejoin(),
        watch.current().map(Keyspace::view),
        memory.viewConfirmed,
        memory.leaderSeen,
        memory.leaderAbsentSince,
        memory.pledgesChangedAt,
        memory.postgres,
        memory.unresponsiveSince,
        memory.startingSince,
        memory.hung,
        memory.durable,
        hold.current(now),
        memory.pendingLease,
        ports.guardian().armed(),
        memory.frozen,
        memory.caughtUp,
        memory.prepared,
        memory.stoppedEnd,
        memory.promoted,
        memory.rewoundTo,
        memory.loss,
        memory.busy.or(() -> fencing(now)).or(() -> catchingUp(now)),
        memory.failure,
        memory.peers,
        List.copyOf(memory.recentFailovers),
        settings,
        ports.store().status(),
        memory.stop,
        memory.stopAskedAt,
        memory.checkpointAt,
        memory.reloaded,
        intentSince(),
        memory.memberGoneSince,
        ports.wallClock().instant(),
        freshDataId());
  }

  /**
   * What a fence does last, it does after PostgreSQL is seen to be dead: nothing else meanwhile.
   */
  private Optional<Observation.Busy> fencing(BootTime now) {
    return memory.inFlight.contains(Action.FENCE)
        ? Optional.of(new Observation.Busy(Action.FENCE, memory.fenceBegan.orElse(now)))
        : Optional.empty();
  }

  /** A write of this member is done and the view does not show it yet: judged once it does. */
  private Optional<Observation.Busy> catchingUp(BootTime now) {
    long shown = watch.current().map(k -> k.revision().value()).orElse(0L);
    if (shown >= memory.awaitedRevision) {
      awaitedSince = Optional.empty();
      return Optional.empty();
    }
    awaitedSince = awaitedSince.or(() -> Optional.of(now));
    if (awaitedSince.get().until(now).compareTo(VIEW_CATCH_UP) > 0) {
      watch.start();
      memory.awaitedRevision = 0;
      // Or the next write would not be waited for: written again and again, and the view, read anew
      // each time, never there in time.
      awaitedSince = Optional.empty();
      return Optional.empty();
    }
    return Optional.of(new Observation.Busy("waiting to see the own write", now));
  }

  private SortedMap<String, BootTime> intentSince() {
    TreeMap<String, BootTime> since = new TreeMap<>();
    memory.intents.forEach((slot, seen) -> since.put(slot, seen.at()));
    return since;
  }

  private DataId freshDataId() {
    if (memory.durable.dataId().filter(nextDataId::equals).isPresent()) {
      nextDataId = randomDataId();
    }
    return nextDataId;
  }

  private DataId randomDataId() {
    return new DataId(HexFormat.of().toHexDigits(ports.random().nextLong()));
  }
}
