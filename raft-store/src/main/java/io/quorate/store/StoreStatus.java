package io.quorate.store;

import java.util.List;
import java.util.Optional;

/**
 * The local replica's place in the store, for routing and display.
 *
 * @param leader name of the member that leads the store, as far as known
 * @param leading whether the local replica leads and is ready in its term
 * @param term Raft term
 * @param appliedRevision revision of the local replica
 * @param voters the members with a vote
 * @param problem empty when well, else what ails the store here, for people
 */
public record StoreStatus(
    Optional<String> leader,
    boolean leading,
    long term,
    long commitIndex,
    long appliedIndex,
    Revision appliedRevision,
    List<Voter> voters,
    Optional<String> problem) {

  /** A member of the store; {@code reachable} as seen from here (always true for oneself). */
  public record Voter(String name, String address, boolean reachable) {}

  /** Copies the list. */
  public StoreStatus {
    voters = List.copyOf(voters);
  }
}
