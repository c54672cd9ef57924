package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.store.StoreStatus;
import io.quorate.time.BootTime;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The primary keeps one physical slot for each other member that owns a directory. The slot of one
 * that is gone would hold back WAL until the disk is full: it is dropped after a while, or at once
 * when the member was taken out of the store.
 */
final class MemberSlots {

  private MemberSlots() {}

  /** What is to be done about the slots; empty where they are as they should be. */
  static Optional<Action> toEnsure(
      Observation o, ClusterView view, PostgresStatus.Primary primary) {
    SortedMap<String, PostgresStatus.Slot> present = new TreeMap<>();
    primary.slots().forEach(slot -> present.put(slot.name(), slot));
    TreeSet<String> wanted = new TreeSet<>();
    for (MemberName member : view.dataIds().keySet()) {
      Optional<PostgresStatus.Slot> slot = Optional.ofNullable(present.get(member.slotName()));
      if (!member.equals(o.self()) && isWanted(o, view, member, slot)) {
        wanted.add(member.slotName());
      }
    }
    boolean missing = !present.keySet().containsAll(wanted);
    boolean lost =
        present.values().stream().anyMatch(slot -> slot.lost() && wanted.contains(slot.name()));
    // One in use cannot be dropped yet.
    boolean surplus =
        present.values().stream().anyMatch(slot -> !slot.active() && !wanted.contains(slot.name()));
    return missing || lost || surplus
        ? Optional.of(new Action.Run(new PostgresOperation.EnsureSlots(wanted)))
        : Optional.empty();
  }

  private static boolean isWanted(
      Observation o, ClusterView view, MemberName member, Optional<PostgresStatus.Slot> slot) {
    if (slot.filter(s -> s.active() || o.paused()).isPresent()) {
      return true;
    }
    Optional<MemberInfo> live = Optional.ofNullable(view.members().get(member));
    if (live.filter(MemberInfo::isWitness).isPresent()) {
      // It had a directory once.
      return false;
    }
    if (!o.settings().useSlots()) {
      // Not from under a member that was attached while slots were in use.
      return slot.isPresent() && live.filter(m -> !m.streaming()).isPresent();
    }
    return live.isPresent() || (isMember(o, member) && goneNotLong(o, member));
  }

  private static boolean goneNotLong(Observation o, MemberName member) {
    BootTime since = o.memberGoneSince().getOrDefault(member, o.now());
    return since.until(o.now()).compareTo(o.settings().memberSlotsTtl()) < 0;
  }

  /** A store that does not show this member itself shows nothing of the others. */
  private static boolean isMember(Observation o, MemberName member) {
    var voters =
        o.store().voters().stream().map(StoreStatus.Voter::name).collect(Collectors.toSet());
    return voters.contains(member.value()) || !voters.contains(o.self().value());
  }

  /** What the slots hold that people should know of; empty text where nothing is to be said. */
  static String remark(PostgresStatus.Primary primary) {
    return primary.slots().stream()
        .filter(PostgresStatus.Slot::holdsMuch)
        .map(slot ->
            "; the slot " + slot.name() + " holds " + (slot.heldBytes() >> 20) + " MB of WAL")
        .collect(Collectors.joining());
  }
}
