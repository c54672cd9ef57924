package io.quorate.ha.loop;

import io.quorate.ha.decide.Acquisition;
import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.port.OperationResult;
import java.time.InstantSource;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes the report of a change of primary. */
final class Reports {

  private final MemberName self;
  private final InstantSource wallClock;

  Reports(MemberName self, InstantSource wallClock) {
    this.self = self;
    this.wallClock = wallClock;
  }

  /** The report that is put with an acquisition; its epoch is known once that is done. */
  FailoverReport acquired(
      Acquisition acquisition, ClusterView view, Optional<ClusterView.Release> release) {
    EpochRecord ended = view.lastEpoch().orElseThrow();
    boolean backAtOnce = ended.holder().equals(self);
    return new FailoverReport(
        Epoch.NONE,
        cause(acquisition.cause(), ended, release),
        wallClock.instant().toString(),
        Optional.of(ended.holder()),
        self,
        acquisition.end().timeline(),
        acquisition.timeline(),
        acquisition.end().lsn(),
        new TreeMap<>(),
        counted(acquisition),
        acquisition.cause().automatic(),
        backAtOnce ? new FailoverReport.Loss.None() : new FailoverReport.Loss.NotYetKnown());
  }

  /** The same once this member writes its branch; none for the first primary of a cluster. */
  Optional<FailoverReport> serving(Branch branch, ClusterView view, LoopMemory memory) {
    return Optional.ofNullable(view.failovers().get(branch.epoch()))
        .map(report -> report.withSteps(memory.steps));
  }

  private static SortedMap<MemberName, EndOfWal> counted(Acquisition acquisition) {
    SortedMap<MemberName, EndOfWal> counted = new TreeMap<>();
    acquisition.counted().forEach(pledge -> counted.put(pledge.member(), pledge.end()));
    return counted;
  }

  private static String cause(
      EpochRecord.Cause cause, EpochRecord ended, Optional<ClusterView.Release> release) {
    String whose = ended.holder() + " (epoch " + ended.epoch() + ")";
    String why =
        release
            .filter(r -> r.epoch().equals(ended.epoch()))
            .map(ClusterView.Release::why)
            .orElse("no reason was left");
    return switch (cause) {
      case LEASE_EXPIRED -> "the lease of " + whose + " ran out";
      case RELEASED -> whose + " gave its key back: " + why;
      case HANDED_OVER -> whose + " handed over: " + why;
      case SWITCHOVER -> "switchover: " + whose + " handed over: " + why;
      case FAILOVER -> "failover asked by an operator; before, " + whose + ": " + why;
      case RETAKEN -> "in pause " + whose + " took its lapsed key again";
      case BOOTSTRAP -> "first primary";
    };
  }

  static FailoverReport.Loss loss(OperationResult.Kept kept) {
    if (kept.commits() == OperationResult.Kept.UNKNOWN) {
      return new FailoverReport.Loss.CannotBeKnown(
          "of the WAL from "
              + kept.from()
              + " to "
              + kept.to()
              + " that was cut off, not all was there any more to count its commits");
    }
    return kept.commits() == 0
        ? new FailoverReport.Loss.None()
        : new FailoverReport.Loss.Range(kept.from(), kept.to(), kept.commits(), kept.keptAt());
  }

  HaTimings timings(ClusterWatch watch, HaConfig config) {
    return watch
        .current()
        .flatMap(keyspace -> keyspace.view().settings())
        .map(ClusterSettings::timings)
        .orElse(config.bootstrap().timings());
  }
}
