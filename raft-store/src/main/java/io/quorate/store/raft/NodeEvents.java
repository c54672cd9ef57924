package io.quorate.store.raft;

/**
 * What a Raft server tells its owner. Called on Raft's threads, partly under its locks: whoever
 * hears it does the least and hands on the rest.
 */
interface NodeEvents {

  /** Another member leads, or this one; not called when a leader is merely lost. */
  void leaderChanged();

  /** This member leads in {@code term} and has applied all that was committed before. */
  void ready(long term);

  /** This member does not lead any more. */
  void notLeader();

  /** Another configuration was applied. */
  void configurationChanged();

  /** The server cannot go on; it is to be closed. */
  void failed(String what, Throwable cause);

  /** The server stops, be it that it was told to or that it stopped by itself. */
  void stopped();
}
