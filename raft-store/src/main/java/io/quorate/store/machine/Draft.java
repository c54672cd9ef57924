package io.quorate.store.machine;

import io.quorate.invariant.Invariant;
import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.LeaseId;
import io.quorate.store.Revision;
import io.quorate.store.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A state in the making: the one command being applied changes it; dropping it undoes everything.
 */
final class Draft {
  private final StoreState base;
  private final Revision next;
  private final List<WatchEvent> events = new ArrayList<>();
  private final List<LeaseChange> leaseChanges = new ArrayList<>();
  private SortedTree<Bytes, KeyValue> keys;
  private long bytes;
  private SortedTree<Long, Lease> leases;
  private long lastGeneration;
  private SortedTree<Bytes, Bytes> guards;
  private History history;
  private Sessions sessions;

  Draft(StoreState base) {
    this.base = base;
    this.next = new Revision(base.revision().value() + 1);
    this.keys = base.keys();
    this.bytes = base.bytes();
    this.leases = base.leases();
    this.lastGeneration = base.lastGeneration();
    this.guards = base.guards();
    this.history = base.history();
    this.sessions = base.sessions();
  }

  StoreState base() {
    return base;
  }

  SortedTree<Bytes, KeyValue> keys() {
    return keys;
  }

  long bytes() {
    return bytes;
  }

  /** The store's revision if the command ended now. */
  Revision revision() {
    return events.isEmpty() ? base.revision() : next;
  }

  List<WatchEvent> events() {
    return events;
  }

  List<LeaseChange> leaseChanges() {
    return leaseChanges;
  }

  /** Puts a key; a lease that is named must exist. */
  void put(Bytes key, Bytes value, LeaseId lease) {
    KeyValue previous = keys.get(key);
    KeyValue current =
        previous == null
            ? new KeyValue(key, value, next, next, 1, lease)
            : new KeyValue(
                key, value, previous.createRevision(), next, previous.version() + 1, lease);
    if (previous != null) {
      bytes -= StoreLimits.weight(previous);
    }
    bytes += StoreLimits.weight(current);
    keys = keys.put(key, current);
    if (previous == null || !previous.lease().equals(lease)) {
      detach(previous);
      attach(key, lease);
    }
    events.add(new WatchEvent.Put(current, Optional.ofNullable(previous)));
  }

  /** Deletes a key that exists. */
  void delete(KeyValue present) {
    keys = keys.remove(present.key());
    bytes -= StoreLimits.weight(present);
    detach(present);
    events.add(new WatchEvent.Delete(present.key(), next, Optional.of(present)));
  }

  private void attach(Bytes key, LeaseId id) {
    if (!id.equals(LeaseId.NONE)) {
      Lease lease =
          Invariant.present(leases.get(id.value()), "put under lease %s, which is not there", id);
      leases = leases.put(id.value(), lease.attach(key));
    }
  }

  private void detach(@Nullable KeyValue keyValue) {
    if (keyValue != null && !keyValue.lease().equals(LeaseId.NONE)) {
      long id = keyValue.lease().value();
      Lease lease =
          Invariant.present(leases.get(id), "attached to lease %x, which is not there", id);
      leases = leases.put(id, lease.detach(keyValue.key()));
    }
  }

  Lease grant(LeaseId id, long ttlMillis) {
    lastGeneration++;
    Lease lease = new Lease(id, ttlMillis, lastGeneration, SortedTree.empty());
    leases = leases.put(id.value(), lease);
    bytes += StoreLimits.LEASE_OVERHEAD_BYTES;
    leaseChanges.add(new LeaseChange.Granted(id, lease.generation(), ttlMillis));
    return lease;
  }

  /** Ends a lease that exists and deletes its keys, in key order. */
  void end(Lease lease) {
    for (SortedTree.Entry<Bytes, Bytes> attached : lease.keys().entries()) {
      delete(
          Invariant.present(
              keys.get(attached.key()), "lease %s holds a key that is not there", lease.id()));
    }
    leases = leases.remove(lease.id().value());
    bytes -= StoreLimits.LEASE_OVERHEAD_BYTES;
    leaseChanges.add(new LeaseChange.Ended(lease.id(), lease.generation()));
  }

  void guard(Bytes prefix) {
    guards = guards.put(prefix, prefix);
  }

  void compact(Revision revision) {
    history = history.compactTo(revision.value());
  }

  void sessions(Sessions changed) {
    sessions = changed;
  }

  Sessions sessions() {
    return sessions;
  }

  /** The state after this command, which stands at {@code position} in the log. */
  StoreState finish(Position position) {
    History grown =
        events.isEmpty()
            ? history
            : history.append(new RevisionEvents(next, events), base.limits());
    return new StoreState(
        position,
        revision(),
        keys,
        bytes,
        leases,
        lastGeneration,
        guards,
        grown,
        sessions,
        base.limits());
  }
}
