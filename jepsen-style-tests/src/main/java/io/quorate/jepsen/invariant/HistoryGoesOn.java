package io.quorate.jepsen.invariant;

import io.quorate.ha.decide.rejoin.Lineage;
import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Wish;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every branch goes on from the history that counted until then: none revives a fork that had lost,
 * however far it reached; unless an operator wanted a failover whatever it may lose.
 */
public final class HistoryGoesOn implements ClusterInvariant {

  private SortedMap<TimelineId, Branch> looked = new TreeMap<>();
  private boolean lossAccepted;

  @Override
  public Optional<String> check(ClusterFacts facts) {
    lossAccepted = lossAccepted || facts.hosts().stream().anyMatch(HistoryGoesOn::acceptsLoss);
    if (lossAccepted) {
      return Optional.empty();
    }
    for (HostFacts host : facts.hosts()) {
      SortedMap<TimelineId, Branch> branches =
          host.snapshot()
              .flatMap(NodeSnapshot::cluster)
              .map(ClusterView::branches)
              .orElseGet(TreeMap::new);
      if (branches.size() > looked.size()) {
        looked = branches;
        Optional<String> broken =
            branches.values().stream()
                .filter(branch -> !continues(branch, branches))
                .findFirst()
                .map(branch -> branch + " revives a fork that had lost; known: " + branches);
        if (broken.isPresent()) {
          return broken;
        }
      }
    }
    return Optional.empty();
  }

  private static boolean acceptsLoss(HostFacts host) {
    return host.snapshot()
        .flatMap(NodeSnapshot::cluster)
        .flatMap(view -> Optional.ofNullable(view.intents().get(Wish.PRIMARY_SLOT)))
        .map(Intent::wish)
        .filter(wish -> wish instanceof Wish.Failover f && f.acceptDataLoss())
        .isPresent();
  }

  private static boolean continues(Branch branch, SortedMap<TimelineId, Branch> all) {
    TreeMap<TimelineId, Branch> before = new TreeMap<>(all);
    before.values().removeIf(other -> !branch.epoch().isAfter(other.epoch()));
    // A winner that never published its branch may go on from it in a later epoch.
    return branch.parent().equals(branch.timeline())
        || !before.containsKey(branch.parent())
        || Lineage.latest(before).place(new EndOfWal(branch.parent(), branch.fork())).isPresent();
  }
}
