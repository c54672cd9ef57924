package io.quorate.ha.model;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who must have acknowledged a commit before its client is told: by this, not by the configured
 * mode, an election counts.
 */
public sealed interface SyncRecord {

  /** Nobody but the primary: commits may be lost, up to what was not yet received elsewhere. */
  record Async() implements SyncRecord {}

  /**
   * At least {@code k} of {@code voters} besides the primary's own flush; {@code ({}, 0)}: the
   * primary acknowledges alone.
   */
  record Quorum(SortedMap<MemberName, DataId> voters, int k) implements SyncRecord {
    /** Checks 1 ≤ k ≤ |V|, or (∅, 0). */
    public Quorum {
      voters = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(voters));
      if (voters.isEmpty() ? k != 0 : (k < 1 || k > voters.size())) {
        throw new IllegalArgumentException(
            "k must be 1 to " + voters.size() + " (or 0 without members): " + k);
      }
    }
  }
}
