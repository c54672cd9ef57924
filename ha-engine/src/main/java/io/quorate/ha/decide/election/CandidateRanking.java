package io.quorate.ha.decide.election;

import io.quorate.ha.decide.rejoin.Lineage;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.Pledge;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * Orders pledges: branch history first (a longer position on a fork that lost means nothing), then
 * end of WAL, then priority, then less replay to do, then name.
 */
final class CandidateRanking {

  private final Lineage lineage;
  private final ClusterView view;
  private final boolean branchBeforePosition;

  CandidateRanking(ClusterView view, boolean branchBeforePosition) {
    this.view = view;
    this.branchBeforePosition = branchBeforePosition;
    this.lineage = Lineage.latest(view.branches());
  }

  /** The stretch of history that a pledge ends in; empty when it is not part of history. */
  OptionalInt place(Pledge pledge) {
    if (!branchBeforePosition) {
      return OptionalInt.of(0);
    }
    OptionalInt known = lineage.place(pledge.end());
    if (known.isPresent()) {
      return known;
    }
    // The last winner may have promoted and died before it could publish its branch: nobody else
    // can have WAL of the timeline reserved for it.
    boolean unpublishedTop =
        view.lastEpoch()
            .filter(last -> isOwnTimeline(pledge, last))
            .filter(last -> !view.branches().containsKey(last.timeline()))
            .isPresent();
    return unpublishedTop || neverServed(pledge)
        ? OptionalInt.of(lineage.size())
        : OptionalInt.empty();
  }

  /**
   * Nobody ever published a branch, so nobody else could be copied from: the directory that the
   * last epoch was taken with is the one that the cluster was made with.
   */
  private boolean neverServed(Pledge pledge) {
    return view.branches().isEmpty()
        && view.lastEpoch()
            .filter(last -> last.holder().equals(pledge.member()))
            .filter(last -> last.dataId().equals(pledge.dataId()))
            .isPresent();
  }

  private static boolean isOwnTimeline(Pledge pledge, EpochRecord last) {
    return last.holder().equals(pledge.member())
        && last.dataId().equals(pledge.dataId())
        && last.timeline().equals(pledge.end().timeline());
  }

  /** How far into the history a pledge reaches; pledges outside it come first. */
  Comparator<Pledge> reach() {
    return Comparator.comparingInt((Pledge pledge) -> place(pledge).orElse(-1))
        .thenComparing(pledge -> pledge.end().lsn());
  }

  /** Best first; those that are not part of history are left out. */
  List<Pledge> bestFirst(List<Pledge> pledges) {
    return pledges.stream()
        .filter(pledge -> place(pledge).isPresent())
        .sorted(
            reach()
                .thenComparingInt(Pledge::priority)
                .thenComparing(Pledge::replay)
                .reversed()
                .thenComparing(Pledge::member))
        .toList();
  }
}
