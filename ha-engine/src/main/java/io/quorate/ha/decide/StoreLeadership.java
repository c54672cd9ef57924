package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.PatroniState;
import io.quorate.store.StoreStatus;
import java.util.Optional;

/**
 * The store's leadership belongs on another host than the primary's: losing that host then costs
 * one lease and no election of the store.
 */
final class StoreLeadership {

  private StoreLeadership() {}

  /**
   * Who should lead the store instead of this primary. It moves while all is calm: no renewal is
   * answered during the change, which takes longer while members start or clone.
   */
  static Optional<String> targetWhileCalm(Observation o, ClusterView view) {
    boolean calm =
        view.members().values().stream()
            .filter(member -> !member.name().equals(o.self()))
            .allMatch(member -> member.streaming() && member.state() == PatroniState.RUNNING);
    return calm && view.members().size() > 1 ? target(o) : Optional.empty();
  }

  /**
   * Who should lead the store instead of a primary that is about to hand over: an election while
   * nobody holds the key would be added to the time without a primary.
   */
  static Optional<String> targetBeforeHandOver(Observation o) {
    boolean primary = o.hold() instanceof Hold.Held;
    return primary ? target(o) : Optional.empty();
  }

  private static Optional<String> target(Observation o) {
    if (!o.store().leading()) {
      return Optional.empty();
    }
    return o.store().voters().stream()
        .filter(StoreStatus.Voter::reachable)
        .map(StoreStatus.Voter::name)
        .filter(name -> !name.equals(o.self().value()))
        .sorted()
        .findFirst();
  }
}
