package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.FailoverReport;
import java.util.List;
import java.util.Optional;

/**
 * Tells what failovers cost that took the key from this member. Always told before the directory
 * that knows it is changed: a member that is back and still owes an answer has lost nothing.
 */
final class OwnLosses {

  private OwnLosses() {}

  /**
   * The next report to complete, if one is open.
   *
   * @param latest what the latest of them lost; the earlier ones lost nothing, for this member was
   *     back between
   */
  static Optional<Action> toReport(Observation o, ClusterView view, FailoverReport.Loss latest) {
    List<FailoverReport> open =
        view.failovers().values().stream()
            .filter(report -> report.oldPrimary().filter(o.self()::equals).isPresent())
            .filter(report -> report.loss() instanceof FailoverReport.Loss.NotYetKnown)
            .toList();
    if (open.isEmpty()) {
      return Optional.empty();
    }
    FailoverReport first = open.getFirst();
    FailoverReport.Loss loss = open.size() == 1 ? latest : new FailoverReport.Loss.None();
    return Optional.of(new Action.PublishLoss(first.epoch(), loss));
  }
}
