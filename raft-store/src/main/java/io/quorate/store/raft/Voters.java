package io.quorate.store.raft;

import io.quorate.store.lease.VoterSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The configuration in force at a member: the latest in its log, committed or not, as Raft counts.
 *
 * @param index its place in the log; -1 where there is none
 * @param current the voters, or the voters to be while the configuration changes
 * @param outgoing the voters before, while it changes
 * @param listeners who is sent the log and does not vote
 */
record Voters(long index, List<Peer> current, List<Peer> outgoing, List<Peer> listeners) {

  /** Of a member that does not belong to a group. */
  static final Voters NONE = new Voters(-1, List.of(), List.of(), List.of());

  /**
   * A voter.
   *
   * @param id its Raft id
   * @param raftAddress where its Raft server is reached
   * @param memberAddress where its member service is reached
   */
  record Peer(String id, String raftAddress, String memberAddress) {
    String name() {
      return Identity.nameOf(id);
    }
  }

  /** Copies the lists. */
  Voters {
    current = List.copyOf(current);
    outgoing = List.copyOf(outgoing);
    listeners = List.copyOf(listeners);
  }

  VoterSet ids() {
    return new VoterSet(
        current.stream().map(Peer::id).toList(), outgoing.stream().map(Peer::id).toList());
  }

  /** All of both halves, each once. */
  List<Peer> all() {
    if (outgoing.isEmpty()) {
      return current;
    }
    List<Peer> all = new ArrayList<>(current);
    outgoing.stream().filter(peer -> find(current, peer.id()).isEmpty()).forEach(all::add);
    return all;
  }

  /** All, and the listeners. */
  List<Peer> members() {
    List<Peer> members = new ArrayList<>(all());
    listeners.stream().filter(peer -> find(peer.id()).isEmpty()).forEach(members::add);
    return members;
  }

  /** The listener of that id. */
  Optional<Peer> listener(String id) {
    return find(listeners, id);
  }

  /** The voter of that id. */
  Optional<Peer> find(String id) {
    return find(all(), id);
  }

  private static Optional<Peer> find(List<Peer> peers, String id) {
    return peers.stream().filter(peer -> peer.id().equals(id)).findFirst();
  }
}
