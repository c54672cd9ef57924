package io.quorate.store.machine;

import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;

/**
 * A lease as the log knows it; the time it has left is the leader's affair alone.
 *
 * @param ttlMillis time to live that was granted
 * @param generation tells this lease from earlier ones of the same id
 * @param keys the attached keys; each is its own value
 */
public record Lease(LeaseId id, long ttlMillis, long generation, SortedTree<Bytes, Bytes> keys) {

  Lease attach(Bytes key) {
    return new Lease(id, ttlMillis, generation, keys.put(key, key));
  }

  Lease detach(Bytes key) {
    return new Lease(id, ttlMillis, generation, keys.remove(key));
  }
}
