package io.quorate.ha.decide;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells what failovers cost that took the key from this member. Always told before the directory
 * that knows it is changed: a member that is back and still owes an answer has lost nothing.
 */
final class OwnLosses {

  private OwnLosses() {}

  /**
   * The next report to complete, if one is open, of a member whose WAL up to {@code end} lost. Who
   * is on a timeline that was begun when the key was taken from it, or later, has come back since:
   * what it loses now was another primary's, whose report tells of it.
   *
   * @param latest what is lost of the WAL that ends at {@code end}
   */
  static Optional<Action> toReport(
      Observation o, ClusterView view, FailoverReport.Loss latest, EndOfWal end) {
    Optional<Epoch> begun =
        Optional.ofNullable(view.branches().get(end.timeline())).map(Branch::epoch);
    return open(o, view)
        .findFirst()
        .map(FailoverReport::epoch)
        .filter(report -> begun.filter(epoch -> !report.isAfter(epoch)).isPresent())
        .<Action>map(report -> new Action.PublishLoss(report, new FailoverReport.Loss.None()))
        .or(() -> toReport(o, view, latest));
  }

  /**
   * The next report to complete, if one is open.
   *
   * @param latest what the latest of them lost; the earlier ones lost nothing, for this member was
   *     back between
   */
  static Optional<Action> toReport(Observation o, ClusterView view, FailoverReport.Loss latest) {
    List<FailoverReport> open = open(o, view).toList();
    if (open.isEmpty()) {
      return Optional.empty();
    }
    FailoverReport first = open.getFirst();
    FailoverReport.Loss loss = open.size() == 1 ? latest : new FailoverReport.Loss.None();
    return Optional.of(new Action.PublishLoss(first.epoch(), loss));
  }

  private static Stream<FailoverReport> open(Observation o, ClusterView view) {
    return view.failovers().values().stream()
        .filter(report -> report.oldPrimary().filter(o.self()::equals).isPresent())
        .filter(report -> report.loss() instanceof FailoverReport.Loss.NotYetKnown);
  }
}
