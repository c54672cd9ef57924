package io.quorate.store;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What etcd's API needs of a store, beside what a member's own engine needs. */
public interface ClientStore extends Store {

  /** A watch that tells how far it has come. */
  interface ClientWatch extends Watch {
    /**
     * Up to which revision everything that matches was delivered. Never goes back; {@link
     * Revision#NONE} before the watch has begun.
     */
    Revision delivered();
  }

  @Override
  ClientWatch watch(WatchQuery query, WatchListener listener);

  /** What the local replica holds, at one place in the log. Never blocks. */
  StoreFacts facts();

  /**
   * Completes once the local replica has this revision, or with {@code false} when it does not get
   * there soon: who wrote through this member finds it here, as with etcd.
   */
  CompletionStage<Boolean> caughtUp(Revision revision);

  /**
   * How much time a lease has left: asked of the leader. Done means that the local replica knows
   * the lease's keys as the leader did, where it gets there soon.
   */
  CompletionStage<Outcome<LeaseTime>> leaseTime(LeaseId id);

  /** The leases that the local replica knows, by id. */
  List<LeaseId> leases();

  /** The keys of a lease that the local replica knows, in their order. */
  List<Bytes> leaseKeys(LeaseId id);

  /** Forgets what lies before {@code revision}. */
  CompletionStage<Outcome<Revision>> compact(Revision revision);

  /**
   * A figure for the keys as of {@code revision} ({@link Revision#NONE}: now), equal on replicas
   * that agree. Reads all keys: not for an event loop.
   */
  Outcome<KeysHash> keysHash(Revision revision);

  /** A figure for all that is replicated, as of now. Reads all of it: not for an event loop. */
  KeysHash contentHash();

  /** Voters and listeners, as far as this member knows. */
  List<Membership.Member> members();

  /** Identity of the replicated group; empty while this member belongs to none. */
  Optional<String> group();
}
