package io.quorate.ha.model;

import java.time.Instant;

/**
 * One line of the replicated journal: what a member decided or did.
 *
 * @param member whose it is
 * @param batch number of the write that it came with; grows by one with each write of the member
 * @param index place within it, from 0
 * @param at wall time of the member, for people
 * @param code {@link Kind#DECISION}: stable name of the reason; else the kind of thing done
 * @param text a sentence
 */
public record JournalEntry(
    MemberName member, long batch, int index, Instant at, Kind kind, String code, String text) {

  /** What an entry is about. */
  public enum Kind {
    /** The reason to do what is done changed. */
    DECISION,
    /** Something was done, or failed. */
    ACTION,
    /** The lease of the primary was taken, resumed or lost. */
    LEASE,
    /** A change of primary was reported. */
    FAILOVER,
    /** Something that no decision can mend. */
    TROUBLE,
    /** Entries are missing here: there were more than are kept. */
    GAP
  }
}
