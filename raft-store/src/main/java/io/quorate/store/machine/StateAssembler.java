package io.quorate.store.machine;

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
 * Builds a state from what a snapshot holds: leases, guards and sessions, the keys as they were
 * before the history, then the history revision by revision. What can be derived (former values,
 * keys of leases, weights) is derived.
 *
 * <p>Every method throws {@link IllegalArgumentException} for what no state can contain.
 */
public final class StateAssembler {
  private final Position position;
  private final Revision revision;
  private final long compactRevision;
  private final long lastGeneration;
  private final StoreLimits limits;

  private SortedTree<Bytes, KeyValue> keys = SortedTree.empty();
  private SortedTree<Long, Lease> leases = SortedTree.empty();
  private SortedTree<Bytes, Bytes> guards = SortedTree.empty();
  private SortedTree<Long, RevisionEvents> revisions = SortedTree.empty();
  private SortedTree<Long, Sessions.Session> sessions = SortedTree.empty();
  private SortedTree<Long, Long> sessionUses = SortedTree.empty();
  private long historyBytes;
  private long lastRevision;

  /**
   * Begins a state.
   *
   * @param position the last entry applied
   * @param revision the store's revision
   * @param compactRevision as {@link History#compactRevision()}
   * @param lastGeneration generation of the latest grant
   */
  public StateAssembler(
      Position position,
      Revision revision,
      Revision compactRevision,
      long lastGeneration,
      StoreLimits limits) {
    this.position = position;
    this.revision = revision;
    this.compactRevision = compactRevision.value();
    this.lastGeneration = lastGeneration;
    this.limits = limits;
  }

  /** A lease, without its keys. */
  public void lease(LeaseId id, long ttlMillis, long generation) {
    require(generation <= lastGeneration, "a lease younger than the latest grant");
    leases = leases.put(id.value(), new Lease(id, ttlMillis, generation, SortedTree.empty()));
  }

  /** A guarded prefix. */
  public void guard(Bytes prefix) {
    guards = guards.put(prefix, prefix);
  }

  /** A session, without its answers. */
  public void session(long id, long floor, long lastUse) {
    sessions = sessions.put(id, new Sessions.Session(id, floor, lastUse, SortedTree.empty()));
    sessionUses = sessionUses.put(lastUse, id);
  }

  /** An answer of a session named before. */
  public void answer(long session, long sequence, CommandResult result) {
    Sessions.Session known = sessions.get(session);
    require(known != null, "an answer without its session");
    if (known != null) {
      sessions =
          sessions.put(
              session,
              new Sessions.Session(
                  known.id(),
                  known.floor(),
                  known.lastUse(),
                  known.answers().put(sequence, result)));
    }
  }

  /** A key as it was before the first revision of the history. */
  public void key(KeyValue keyValue) {
    require(revisions.isEmpty(), "a key after the history");
    keys = keys.put(keyValue.key(), keyValue);
  }

  /** The next revision of the history; what is said of former values is ignored. */
  public void revision(Revision at, List<WatchEvent> changes) {
    require(lastRevision == 0 || at.value() == lastRevision + 1, "a gap in the history");
    List<WatchEvent> events = new ArrayList<>(changes.size());
    for (WatchEvent change : changes) {
      events.add(
          switch (change) {
            case WatchEvent.Put(KeyValue current, var _) -> {
              Optional<KeyValue> previous = Optional.ofNullable(keys.get(current.key()));
              keys = keys.put(current.key(), current);
              yield new WatchEvent.Put(current, previous);
            }
            case WatchEvent.Delete(Bytes key, var _, var _) -> {
              Optional<KeyValue> previous = Optional.ofNullable(keys.get(key));
              require(previous.isPresent(), "the deletion of a key that was not there");
              keys = keys.remove(key);
              yield new WatchEvent.Delete(key, at, previous);
            }
          });
    }
    RevisionEvents whole = new RevisionEvents(at, events);
    revisions = revisions.put(at.value(), whole);
    historyBytes += whole.bytes();
    lastRevision = at.value();
  }

  /** The state. */
  public StoreState build() {
    require(lastRevision == 0 || lastRevision == revision.value(), "a history that ends early");
    long bytes = (long) StoreLimits.LEASE_OVERHEAD_BYTES * leases.size();
    for (SortedTree.Entry<Bytes, KeyValue> entry : keys.entries()) {
      KeyValue keyValue = entry.value();
      bytes += StoreLimits.weight(keyValue);
      if (!keyValue.lease().equals(LeaseId.NONE)) {
        attach(keyValue, leases.get(keyValue.lease().value()));
      }
    }
    return new StoreState(
        position,
        revision,
        keys,
        bytes,
        leases,
        lastGeneration,
        guards,
        new History(revisions, historyBytes, compactRevision),
        new Sessions(sessions, sessionUses),
        limits);
  }

  private void attach(KeyValue keyValue, @Nullable Lease lease) {
    require(lease != null, "a key under a lease that is not there");
    if (lease != null) {
      leases = leases.put(lease.id().value(), lease.attach(keyValue.key()));
    }
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalArgumentException("impossible state: " + problem);
    }
  }
}
