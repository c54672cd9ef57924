package io.quorate.ha.decide;

/** What the agent was asked to do with itself. */
public enum StopRequest {
  /** Go on. */
  NONE,
  /** Stop this member; a primary hands over first. */
  MEMBER,
  /** Stop the whole cluster: no hand-over, standbys first. */
  CLUSTER
}
