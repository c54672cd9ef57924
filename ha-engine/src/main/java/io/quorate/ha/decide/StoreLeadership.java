package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PatroniState;
import io.quorate.store.StoreStatus;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The store's leadership belongs on another host than the primary's: losing that host then costs
 * one lease and no election of the store. Best of all on a witness, which never is the primary.
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
            .allMatch(member ->
                member.state() == PatroniState.RUNNING
                    && (member.streaming() || member.isWitness()));
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

  /** Who should lead the store instead of a witness that ends: a standby's host if there is one. */
  static Optional<String> targetBeforeWitnessEnds(Observation o) {
    return o.store().leading()
        ? others(o).sorted(Comparator.comparing(name -> isPrimary(o, name))).findFirst()
        : Optional.empty();
  }

  private static boolean isPrimary(Observation o, String name) {
    return o.view()
        .flatMap(ClusterView::leader)
        .filter(leader -> leader.holder().value().equals(name))
        .isPresent();
  }

  private static Optional<String> target(Observation o) {
    if (!o.store().leading()) {
      return Optional.empty();
    }
    Set<String> witnesses =
        o.view().stream()
            .flatMap(view -> view.members().values().stream())
            .filter(MemberInfo::isWitness)
            .map(MemberInfo::name)
            .map(MemberName::value)
            .collect(Collectors.toSet());
    return others(o).sorted(Comparator.comparing(name -> !witnesses.contains(name))).findFirst();
  }

  /** The other voters that can be reached, by name. */
  private static Stream<String> others(Observation o) {
    return o.store().voters().stream()
        .filter(StoreStatus.Voter::reachable)
        .map(StoreStatus.Voter::name)
        .filter(name -> !name.equals(o.self().value()))
        .sorted();
  }
}
