package io.quorate.ha.loop;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.port.OperationResult;
import java.time.InstantSource;
import java.util.Optional;

/** Writes the report of a change of primary. */
final class Reports {

  private final MemberName self;
  private final InstantSource wallClock;

  Reports(MemberName self, InstantSource wallClock) {
    this.self = self;
    this.wallClock = wallClock;
  }

  /** The report of this member's promotion; none for the first primary of a cluster. */
  Optional<FailoverReport> write(Branch branch, ClusterView view, LoopMemory memory) {
    Optional<EpochRecord> own = view.lastEpoch().filter(e -> e.epoch().equals(branch.epoch()));
    if (own.isEmpty() || own.get().cause() == EpochRecord.Cause.BOOTSTRAP) {
      return Optional.empty();
    }
    Optional<EpochRecord> before = memory.acquiredAfter;
    Optional<MemberName> oldPrimary = before.map(EpochRecord::holder);
    boolean backAtOnce = oldPrimary.filter(self::equals).isPresent();
    return Optional.of(
        new FailoverReport(
            branch.epoch(),
            cause(own.get(), before, memory),
            wallClock.instant().toString(),
            oldPrimary,
            self,
            branch.parent(),
            branch.timeline(),
            branch.fork(),
            memory.steps,
            backAtOnce ? new FailoverReport.Loss.None() : new FailoverReport.Loss.NotYetKnown()));
  }

  private static String cause(EpochRecord own, Optional<EpochRecord> before, LoopMemory memory) {
    String whose =
        before.map(b -> b.holder() + " (epoch " + b.epoch() + ")").orElse("the former primary");
    String why = memory.releasedBefore.map(ClusterView.Release::why).orElse("no reason was left");
    return switch (own.cause()) {
      case LEASE_EXPIRED -> "the lease of " + whose + " ran out";
      case RELEASED -> whose + " gave its key back: " + why;
      case HANDED_OVER -> whose + " handed over: " + why;
      case BOOTSTRAP -> "first primary";
    };
  }

  static FailoverReport.Loss loss(OperationResult.Rewound rewound) {
    if (rewound.commits() == OperationResult.Rewound.UNKNOWN) {
      return new FailoverReport.Loss.CannotBeKnown(
          "of the WAL from "
              + rewound.from()
              + " to "
              + rewound.to()
              + " that was cut off, not all was there any more to count its commits");
    }
    return rewound.commits() == 0
        ? new FailoverReport.Loss.None()
        : new FailoverReport.Loss.Range(
            rewound.from(), rewound.to(), rewound.commits(), rewound.keptAt());
  }

  HaTimings timings(ClusterWatch watch, HaConfig config) {
    return watch
        .current()
        .flatMap(keyspace -> keyspace.view().settings())
        .map(ClusterSettings::timings)
        .orElse(config.bootstrap().timings());
  }
}
