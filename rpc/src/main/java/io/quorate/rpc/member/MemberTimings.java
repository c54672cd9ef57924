package io.quorate.rpc.member;

import java.time.Duration;

/**
 * How soon a member that does not answer is given up. All follow from the store's election timeout:
 * what holds a request up longer than a change of leader takes would hold up a failover too.
 *
 * @param connect how long a connection may take to be made; short, since a SYN that was dropped is
 *     sent again only after a second, and a fresh attempt is made sooner
 * @param reconnect time from a failed connection to the next attempt
 * @param pingAfter how long a member may keep calls waiting in silence before it is asked whether
 *     it is there
 * @param pingTimeout how long it has to answer that; then its connection is given up
 * @param presence how long another agent has to say that it is there, on a failover's path
 */
public record MemberTimings(
    Duration connect,
    Duration reconnect,
    Duration pingAfter,
    Duration pingTimeout,
    Duration presence) {

  private static final Duration RECONNECT = Duration.ofMillis(200);

  /** Checks that all are positive. */
  public MemberTimings {
    if (!connect.isPositive()
        || !reconnect.isPositive()
        || !pingAfter.isPositive()
        || !pingTimeout.isPositive()
        || !presence.isPositive()) {
      throw new IllegalArgumentException("timings of member calls must be positive");
    }
  }

  /** What suits a store with these election timeouts, {@code min} being above any round trip. */
  public static MemberTimings of(Duration electionMin, Duration electionMax) {
    return new MemberTimings(
        electionMin, RECONNECT, electionMin, electionMax, electionMin.dividedBy(2));
  }
}
