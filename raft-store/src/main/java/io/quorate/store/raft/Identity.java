package io.quorate.store.raft;

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
 */
record Identity(
    String name,
    String incarnation,
    long start,
    Optional<UUID> group,
    boolean joined,
    boolean voter) {

  private static final char SEPARATOR = '-';

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
    return new Identity(name, incarnation, start + 1, group, joined, voter);
  }

  Identity joining(UUID intended) {
    return new Identity(name, incarnation, start, Optional.of(intended), false, false);
  }

  Identity asJoined() {
    return new Identity(name, incarnation, start, group, true, voter);
  }

  Identity asVoter() {
    return new Identity(name, incarnation, start, group, joined, true);
  }
}
