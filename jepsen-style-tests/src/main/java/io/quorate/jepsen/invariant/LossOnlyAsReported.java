package io.quorate.jepsen.invariant;

import io.quorate.ha.decide.rejoin.Lineage;
import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.TimelineId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every commit that a client was told of is in the final history, or lies within the range that a
 * failover's report names, and no report counts fewer than are missing. A report speaks of the WAL
 * of the primary that was succeeded: of what it wrote itself, and of the earlier primaries' that
 * its own branch goes back to.
 */
public final class LossOnlyAsReported implements ClusterInvariant {

  @Override
  public Optional<String> checkSettled(ClusterFacts facts) {
    Optional<? extends HostFacts> primary =
        facts.hosts().stream().filter(HostFacts::writable).findFirst();
    Optional<ClusterView> view =
        primary.flatMap(HostFacts::snapshot).flatMap(snapshot -> snapshot.cluster());
    if (primary.isEmpty() || view.isEmpty()) {
      return Optional.of("no primary to ask for the final history");
    }
    Set<Long> kept = facts.commitsOn(primary.get().name());
    List<FailoverReport> reports = new ArrayList<>(view.get().failovers().values());
    TreeMap<Long, Long> missingOf = new TreeMap<>();
    for (AckedCommit commit : facts.acknowledged()) {
      if (kept.contains(commit.number())) {
        continue;
      }
      Optional<FailoverReport> told =
          reports.stream()
              .filter(report -> isOf(report, commit) && covers(report, commit))
              .filter(
                  report -> succeeded(view.get(), report).equals(Optional.of(commit.timeline())))
              .findFirst()
              .or(() ->
                  reports.stream()
                      .filter(report -> isOf(report, commit) && covers(report, commit))
                      .findFirst())
              .or(() ->
                  reports.stream()
                      .filter(report -> inherited(view.get(), report, commit))
                      .filter(report -> covers(report, commit))
                      .findFirst());
      if (told.isEmpty()) {
        return Optional.of("lost and not reported: " + commit + "; " + describe(reports));
      }
      missingOf.merge(told.get().epoch().value(), 1L, Long::sum);
    }
    return reports.stream()
        .filter(report ->
            report.loss() instanceof FailoverReport.Loss.Range range
                && range.commits() < missingOf.getOrDefault(report.epoch().value(), 0L))
        .findFirst()
        .map(report -> "the report counts fewer commits than are missing: " + report);
  }

  private static boolean covers(FailoverReport report, AckedCommit commit) {
    return switch (report.loss()) {
      case FailoverReport.Loss.Range range ->
          commit.end().compareTo(range.from()) > 0 && commit.end().compareTo(range.to()) <= 0;
      case FailoverReport.Loss.CannotBeKnown _ -> true;
      case FailoverReport.Loss.None _, FailoverReport.Loss.NotYetKnown _ -> false;
    };
  }

  private static boolean isOf(FailoverReport report, AckedCommit commit) {
    return report.oldPrimary().filter(name -> name.value().equals(commit.host())).isPresent();
  }

  /** The timeline of the primary that was succeeded: one host may have been so several times. */
  private static Optional<TimelineId> succeeded(ClusterView view, FailoverReport report) {
    return view.branches().values().stream()
        .filter(branch -> report.epoch().isAfter(branch.epoch()))
        .max(Comparator.comparing(Branch::epoch))
        .map(Branch::timeline);
  }

  /** Written by an earlier primary, and part of what the succeeded one went on from. */
  private static boolean inherited(ClusterView view, FailoverReport report, AckedCommit commit) {
    SortedMap<TimelineId, Branch> branches = view.branches();
    return branches.values().stream()
        .filter(branch -> report.epoch().isAfter(branch.epoch()))
        .max(Comparator.comparing(Branch::epoch))
        .filter(succeeded -> !succeeded.timeline().equals(commit.timeline()))
        .filter(succeeded ->
            Lineage.of(branches, succeeded)
                .place(new EndOfWal(commit.timeline(), commit.end()))
                .isPresent())
        .isPresent();
  }

  private static String describe(List<FailoverReport> reports) {
    return reports.stream()
        .map(r ->
            "epoch "
                + r.epoch()
                + " of "
                + r.oldPrimary().map(Object::toString).orElse("nobody")
                + " at "
                + r.promotedAt()
                + ": "
                + r.loss())
        .toList()
        .toString();
  }
}
