package io.quorate.store.raft;

import io.quorate.store.codec.CommandCodec;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which kinds of entries the members can apply. A replica that meets an entry that it does not know
 * has to stop, so a kind is written only once every member, in the life of its storage that counts,
 * has said that it knows it.
 */
final class KnownEntries {
  private final ConcurrentHashMap<String, Integer> levels = new ConcurrentHashMap<>();
  private volatile boolean joinedInLog;

  /** The member of that Raft id said what it knows; the last word counts. */
  void said(String peer, int level) {
    levels.put(peer, level);
  }

  /** An entry of several transactions was applied: when it was written, all members knew such. */
  void joinedApplied() {
    joinedInLog = true;
  }

  /**
   * Whether several transactions may share an entry.
   *
   * @param own this member's Raft id
   */
  boolean joinable(Voters voters, String own) {
    return voters.members().stream()
        .map(Voters.Peer::id)
        .filter(id -> !id.equals(own))
        .allMatch(id -> {
          OptionalInt level = level(id);
          return level.isPresent() ? level.getAsInt() >= CommandCodec.LEVEL_JOINED : joinedInLog;
        });
  }

  /** Empty for who has not been heard of since this member was started. */
  private OptionalInt level(String peer) {
    Integer level = levels.get(peer);
    return level == null ? OptionalInt.empty() : OptionalInt.of(level);
  }
}
