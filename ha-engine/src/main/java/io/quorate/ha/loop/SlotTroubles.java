package io.quorate.ha.loop;

import io.quorate.ha.model.PostgresStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What is to be told of the primary's replication slots, once each time that it begins. */
final class SlotTroubles {

  private SlotTroubles() {}

  /** What began between two looks. */
  static List<String> since(PostgresStatus before, PostgresStatus after) {
    List<String> begun = new ArrayList<>();
    if (after instanceof PostgresStatus.Primary primary) {
      Set<String> much = new HashSet<>();
      Set<String> lost = new HashSet<>();
      if (before instanceof PostgresStatus.Primary earlier) {
        much.addAll(names(earlier, PostgresStatus.Slot::holdsMuch));
        lost.addAll(names(earlier, PostgresStatus.Slot::lost));
      }
      for (PostgresStatus.Slot slot : primary.slots()) {
        if (slot.lost() && !lost.contains(slot.name())) {
          begun.add(
              "the replication slot "
                  + slot.name()
                  + " stood for more WAL than max_slot_wal_keep_size allows, and the WAL was"
                  + " removed: its member may have to be cloned anew (quorate reinit)");
        } else if (slot.holdsMuch() && !much.contains(slot.name())) {
          begun.add(
              "the replication slot "
                  + slot.name()
                  + " holds "
                  + (slot.heldBytes() >> 20)
                  + " MB of WAL"
                  + (slot.leftBytes().isPresent()
                      ? ", more than half of max_slot_wal_keep_size"
                      : "")
                  + ": its member does not receive, or is too slow");
        }
      }
    }
    return begun;
  }

  private static Set<String> names(
      PostgresStatus.Primary primary, java.util.function.Predicate<PostgresStatus.Slot> which) {
    return primary.slots().stream()
        .filter(which)
        .map(PostgresStatus.Slot::name)
        .collect(Collectors.toSet());
  }
}
