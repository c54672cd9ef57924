package io.quorate.store.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Who this member is to the others: its name and which life of its storage this is. Raft's safety
 * rests on a voter remembering its vote and its log, so storage that was lost or taken back to an
 * earlier state is another voter, and gets another incarnation.
 *
 * @param incarnation random, lower-case hex, made once for a data directory
 * @param start number of starts of this incarnation; it grows in both copies in step, so that a
 *     copy taken back to an earlier state is noticed
 * @param group the group that this member belongs to, or is about to
 * @param joined whether its storage for {@code group} is complete; false while it is being made
 * @param voter whether it ever was a voter of {@code group}
 * @param replaced the groups that were given up for {@code group}: who belongs to them stands down
 */
record Identity(
    String name,
    String incarnation,
    long start,
    Optional<UUID> group,
    boolean joined,
    boolean voter,
    List<UUID> replaced) {

  private static final char SEPARATOR = '-';

  /** Copies the list. */
  Identity {
    replaced = List.copyOf(replaced);
  }

  /** One that never belonged to a group. */
  static Identity fresh(String name, String incarnation) {
    return new Identity(name, incarnation, 0, Optional.empty(), false, false, List.of());
  }

  /** The id under which Raft knows this member. */
  String peer() {
    return name + SEPARATOR + incarnation;
  }

  /** The name within a Raft id. */
  static String nameOf(String peer) {
    int end = peer.lastIndexOf(SEPARATOR);
    return end < 0 ? peer : peer.substring(0, end);
  }

  Identity nextStart() {
    return new Identity(name, incarnation, start + 1, group, joined, voter, replaced);
  }

  /**
   * Belongs to a group soon.
   *
   * @param before the groups that it replaced
   */
  Identity joining(UUID intended, List<UUID> before) {
    return new Identity(name, incarnation, start, Optional.of(intended), false, false, before);
  }

  Identity asJoined() {
    return new Identity(name, incarnation, start, group, true, voter, replaced);
  }

  Identity asVoter() {
    return new Identity(name, incarnation, start, group, joined, true, replaced);
  }

  /** The only voter of a group that replaces the one so far, in another life. */
  Identity recovered(UUID store, String other) {
    List<UUID> before = new ArrayList<>(replaced);
    group.ifPresent(before::add);
    return new Identity(name, other, 0, Optional.of(store), true, true, before);
  }
}
