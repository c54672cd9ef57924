package io.quorate.jepsen.sim;

/** A rule of the protocol left out, to prove that the simulator notices. */
public enum Mutation {
  /** All rules are kept. */
  NONE,
  /** The acquisition does not compare the round. */
  NO_ROUND,
  /** Candidates are ranked by position alone. */
  RANK_BY_LSN,
  /** An expiry counts whenever its entry lands. */
  NO_TERM_STAMP,
  /** A promotion goes on past the deadline and past a pledge. */
  LATE_PROMOTION,
  /** A winner takes the next timeline id after its own. */
  TIMELINE_REUSED,
  /** A member that pledged goes on receiving. */
  RECEIVES_AFTER_PLEDGE,
  /** The candidate of a switchover takes over without all WAL of the stopped primary. */
  HASTY_CANDIDATE
}
