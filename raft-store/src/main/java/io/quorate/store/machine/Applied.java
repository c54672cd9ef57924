package io.quorate.store.machine;

import io.quorate.store.Revision;
import io.quorate.store.WatchEvent;
import java.util.List;

/**
 * What applying one command gave.
 *
 * @param revision the store's revision afterwards; that of the events, if there are any
 * @param events all changes in the order of their application, each with what was there before
 * @param leaseChanges leases granted and ended
 */
public record Applied(
    CommandResult result,
    Revision revision,
    List<WatchEvent> events,
    List<LeaseChange> leaseChanges) {
  /** Copies the lists. */
  public Applied {
    events = List.copyOf(events);
    leaseChanges = List.copyOf(leaseChanges);
  }
}
