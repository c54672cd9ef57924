package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.KeysHash;
import io.quorate.store.LeaseId;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.Revision;
import io.quorate.store.StoreFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything that is replicated, as of one place in the log. A value: any thread may read it at any
 * time, and taking a snapshot is keeping a reference.
 *
 * @param position the last entry applied
 * @param revision the store's revision, 1 when nothing was ever written
 * @param keys all keys now
 * @param bytes weight of keys and leases against the quota
 * @param leases by id
 * @param lastGeneration generation of the latest grant
 * @param guards prefixes that only members may write; each is its own value
 * @param history latest changes
 * @param sessions answers kept for repeats
 * @param limits bounds
 */
public record StoreState(
    Position position,
    Revision revision,
    SortedTree<Bytes, KeyValue> keys,
    long bytes,
    SortedTree<Long, Lease> leases,
    long lastGeneration,
    SortedTree<Bytes, Bytes> guards,
    History history,
    Sessions sessions,
    StoreLimits limits) {

  /** A store to which nothing has happened yet. */
  public static StoreState empty(StoreLimits limits) {
    return new StoreState(
        Position.START,
        new Revision(1),
        SortedTree.empty(),
        0,
        SortedTree.empty(),
        0,
        SortedTree.empty(),
        History.EMPTY,
        Sessions.EMPTY,
        limits);
  }

  /**
   * Answers a query from this state: done, or not done with {@code COMPACTED}, {@code
   * FUTURE_REVISION} or {@code INVALID_ARGUMENT}; never unknown.
   */
  public Outcome<OpResult.Range> range(RangeQuery query) {
    if (query.key().size() == 0) {
      return new Outcome.NotDone<>(StoreErrors.EMPTY_KEY);
    }
    if (query.revision().compareTo(revision) > 0) {
      return new Outcome.NotDone<>(StoreErrors.FUTURE_REVISION);
    }
    if (compacted(query.revision())) {
      return new Outcome.NotDone<>(StoreErrors.COMPACTED);
    }
    return new Outcome.Done<>(RangeReader.read(keysAt(query), query, revision));
  }

  /** The key now, if it exists. */
  public Optional<KeyValue> find(Bytes key) {
    return Optional.ofNullable(keys.get(key));
  }

  /** The lease, if it exists. */
  public Optional<Lease> lease(LeaseId id) {
    return Optional.ofNullable(leases.get(id.value()));
  }

  /** All leases, by id. */
  public List<Lease> allLeases() {
    List<Lease> all = new ArrayList<>(leases.size());
    for (SortedTree.Entry<Long, Lease> entry : leases.entries()) {
      all.add(entry.value());
    }
    return all;
  }

  /** The first revision that can be read or watched from; 0 when nothing was compacted yet. */
  public Revision compactRevision() {
    return history.first();
  }

  /**
   * The changes from {@code first} on, for a watch that begins in the past.
   *
   * @param first first revision wanted; one in the future gives nothing yet
   */
  public Replay eventsSince(Revision first) {
    return first.value() < history.compactRevision()
        ? new Replay.Compacted(compactRevision())
        : new Replay.Events(history.from(first.value()));
  }

  /** Answer of {@link #eventsSince}. */
  public sealed interface Replay {
    /** The revisions wanted, in order, without gaps, up to the state's own. */
    record Events(Iterable<RevisionEvents> revisions) implements Replay {}

    /** They are no longer there; {@code first} is the first that is. */
    record Compacted(Revision first) implements Replay {}
  }

  /** Keys as they were before the oldest change of the history; snapshots begin with them. */
  public SortedTree<Bytes, KeyValue> keysBeforeHistory() {
    return history.revisions().isEmpty()
        ? keys
        : history.undoTo(history.revisions().firstKey() - 1, keys, KeyRange.ALL);
  }

  /** A figure for the whole content, equal on replicas that agree; the position is left out. */
  public long contentHash() {
    return StateHash.of(this);
  }

  /**
   * A figure for the keys as of {@code at} ({@link Revision#NONE}: now): done, or not done with
   * {@code COMPACTED} or {@code FUTURE_REVISION}.
   */
  public Outcome<KeysHash> keysHash(Revision at) {
    if (at.compareTo(revision) > 0) {
      return new Outcome.NotDone<>(StoreErrors.FUTURE_REVISION);
    }
    if (compacted(at)) {
      return new Outcome.NotDone<>(StoreErrors.COMPACTED);
    }
    boolean now = at.equals(Revision.NONE) || at.equals(revision);
    SortedTree<Bytes, KeyValue> then = now ? keys : history.undoTo(at.value(), keys, KeyRange.ALL);
    return new Outcome.Done<>(
        new KeysHash(StateHash.ofKeys(then), revision, now ? revision : at, compactRevision()));
  }

  /** Figures of this state. */
  public StoreFacts facts() {
    return new StoreFacts(
        revision, compactRevision(), bytes, limits.quotaBytes(), limits.valueBytes());
  }

  boolean compacted(Revision wanted) {
    return wanted.value() != 0 && wanted.value() < history.compactRevision();
  }

  SortedTree<Bytes, KeyValue> keysAt(RangeQuery query) {
    return query.revision().value() == 0 || query.revision().equals(revision)
        ? keys
        : history.undoTo(
            query.revision().value(), keys, new KeyRange(query.key(), query.rangeEnd()));
  }

  /** Whether clients may not write {@code range}. */
  boolean guarded(KeyRange range) {
    for (SortedTree.Entry<Bytes, Bytes> guard : guards.entries()) {
      if (KeyRange.prefix(guard.key()).overlaps(range)) {
        return true;
      }
    }
    return false;
  }

  /** Whether clients may neither end nor extend the lease {@code id}. */
  public boolean guarded(LeaseId id) {
    Lease lease = leases.get(id.value());
    return lease != null && guarded(lease);
  }

  /** Whether clients may not end {@code lease}. */
  boolean guarded(Lease lease) {
    for (SortedTree.Entry<Bytes, Bytes> guard : guards.entries()) {
      if (holds(lease, guard.key())) {
        return true;
      }
    }
    return false;
  }

  private static boolean holds(Lease lease, Bytes prefix) {
    for (SortedTree.Entry<Bytes, Bytes> attached : lease.keys().entriesFrom(prefix)) {
      return attached.key().startsWith(prefix);
    }
    return false;
  }
}
