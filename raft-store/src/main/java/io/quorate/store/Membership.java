package io.quorate.store;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Who belongs to the store, and changing that at run time: one change at a time, and none that
 * would leave the store without a majority that can be reached. Any thread may call; nothing
 * blocks.
 */
public interface Membership {

  /** Voters and listeners as this member knows them. */
  List<Member> members();

  /**
   * Voters and listeners with every change that was done before the call, whoever was asked for it;
   * what this member knows when no leader confirms that within a second or so. Never fails.
   */
  CompletionStage<Table> table();

  /**
   * Begins {@code change}, or tells how far it has come. To be repeated every second or so until it
   * is done: a change that nobody asks about any more for ten seconds, and that waits for its
   * joiner still, is dropped. Repeating is harmless, also across a change of the store's leader.
   */
  CompletionStage<Outcome<Progress>> change(Change change);

  /** Moves the store's leadership to {@code member}; done when that member leads. */
  CompletionStage<Outcome<String>> transferLeadership(String member);

  /**
   * A voter, or a listener: a member that holds and serves the store, and does not vote.
   *
   * @param id its name and which life of its storage this is
   * @param raftAddress where its Raft server is reached, {@code host:port}
   * @param memberAddress where its member service is reached, {@code host:port}
   * @param reachable as seen from here
   */
  record Member(
      String name,
      String id,
      String raftAddress,
      String memberAddress,
      boolean leader,
      boolean reachable,
      boolean listener) {}

  /**
   * The members of the store.
   *
   * @param confirmed whether a leader confirmed that no change done is missing
   */
  record Table(List<Member> members, boolean confirmed) {}

  /** What is to become different. */
  sealed interface Change {
    /** The member that it is about. */
    String name();

    /**
     * Takes in a member that the settings of the others do not list.
     *
     * @param listener whether it is not to vote
     */
    record Add(String name, String raftAddress, String memberAddress, boolean listener)
        implements Change {
      /** As a voter. */
      public Add(String name, String raftAddress, String memberAddress) {
        this(name, raftAddress, memberAddress, false);
      }
    }

    /** Makes a listener that is up to date a voter. */
    record Promote(String name) implements Change {}

    /**
     * Takes a voter or a listener away.
     *
     * @param id the id that shall be gone
     */
    record Remove(String name, String id) implements Change {}

    /**
     * Takes in a member whose storage was lost under a new id, and the old one away, in one change.
     *
     * @param id the id that shall be gone
     */
    record Replace(String name, String id) implements Change {}
  }

  /** How far a change has come; {@code text} for people. */
  record Progress(Phase phase, String text) {}

  /** The stations of a change. */
  enum Phase {
    /** The member that shall join has not asked yet. */
    WAITING,
    /** It is being sent the state, or the voters are changing. */
    UNDER_WAY,
    DONE
  }
}
