package io.quorate.jepsen.sim;

/** A rule of the protocol left out, to prove that the simulator notices. */
public enum Mutation {
  /** All rules are kept. */
  NONE,
  /** The acquisition does not compare the round. */
  NO_ROUND,
  /** An expiry counts whenever its entry lands. */
  NO_TERM_STAMP,
  /** A winner takes the next timeline id after its own. */
  TIMELINE_REUSED,
  /** A member that pledged goes on receiving. */
  RECEIVES_AFTER_PLEDGE
}
