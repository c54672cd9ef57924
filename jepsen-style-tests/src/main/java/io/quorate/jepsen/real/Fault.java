package io.quorate.jepsen.real;

import java.time.Duration;

/** What is done to the primary's host. */
public enum Fault {
  /** Agent, PostgreSQL and guardian killed at once: the host is lost. */
  HOST_LOST("host lost (agent, PostgreSQL and guardian killed)"),
  /** Every process of the instance killed. */
  POSTGRES_KILLED("PostgreSQL killed"),
  /** Agent killed, PostgreSQL left running. */
  AGENT_KILLED("agent killed, PostgreSQL left running"),
  /** Agent frozen, PostgreSQL left running. */
  AGENT_STOPPED("agent frozen (SIGSTOP), PostgreSQL left running"),
  /** Agent asked to stop. */
  AGENT_TERMINATED("agent asked to stop (SIGTERM)"),
  /** The primary's host cut off from both others; clients still reach it. */
  NETWORK_CUT("primary's host cut off from the others, clients reach it"),
  /** Every process of the instance frozen: it is there, and does nothing. */
  POSTGRES_STOPPED("PostgreSQL frozen (SIGSTOP)"),
  /** The agent that leads the store killed, on another host than the primary's. */
  STORE_LEADER_KILLED("store leader's agent killed, not on the primary's host"),
  /** The agents of both standbys killed: the store has no majority. */
  STANDBY_AGENTS_KILLED("agents of both standbys killed");

  /** What is to come of a fault. */
  public enum Effect {
    /** Another node becomes primary. */
    FAILS_OVER,
    /** The primary goes on, or again, under the same lease. */
    STAYS,
    /** Nobody takes writes until it is undone. */
    STOPS
  }

  private final String text;

  Fault(String text) {
    this.text = text;
  }

  /** For people. */
  public String text() {
    return text;
  }

  /** Does it, to the primary {@code node} or around it. */
  public void inject(RealCluster cluster, RealNode node) {
    switch (this) {
      case HOST_LOST -> node.killHost();
      case POSTGRES_KILLED -> node.killPostgres();
      case AGENT_KILLED -> node.signalAgent("KILL");
      case AGENT_STOPPED -> node.signalAgent("STOP");
      case AGENT_TERMINATED -> node.signalAgent("TERM");
      case NETWORK_CUT -> node.cut();
      case POSTGRES_STOPPED -> node.signalPostgres("STOP");
      case STORE_LEADER_KILLED -> cluster.storeLeaderBeside(node).signalAgent("KILL");
      case STANDBY_AGENTS_KILLED ->
          cluster.nodes().stream()
              .filter(other -> !other.equals(node))
              .forEach(other -> other.signalAgent("KILL"));
    }
  }

  /** Takes it back: what was ended runs again. */
  public void undo(RealCluster cluster, RealNode node) {
    switch (this) {
      case POSTGRES_KILLED -> {}
      case AGENT_STOPPED -> node.signalAgent("CONT");
      case NETWORK_CUT -> node.heal();
      case POSTGRES_STOPPED -> node.signalPostgres("CONT");
      case HOST_LOST, AGENT_KILLED, AGENT_TERMINATED -> startAgain(node);
      case STORE_LEADER_KILLED, STANDBY_AGENTS_KILLED ->
          cluster.nodes().stream()
              .filter(other -> other.agentPid().isEmpty())
              .forEach(Fault::startAgain);
    }
  }

  private static void startAgain(RealNode node) {
    Patience.await(
        "end of the agent of " + node.name(),
        Duration.ofSeconds(30),
        () -> node.agentPid().isEmpty(),
        () -> node.logTail(30));
    node.startAgent();
  }

  /** What is to come of it. */
  public Effect effect() {
    return switch (this) {
      case POSTGRES_KILLED, STORE_LEADER_KILLED -> Effect.STAYS;
      case STANDBY_AGENTS_KILLED -> Effect.STOPS;
      case HOST_LOST,
          AGENT_KILLED,
          AGENT_STOPPED,
          AGENT_TERMINATED,
          NETWORK_CUT,
          POSTGRES_STOPPED ->
          Effect.FAILS_OVER;
    };
  }

  /** Whether another node becomes primary. */
  public boolean failsOver() {
    return effect() == Effect.FAILS_OVER;
  }

  /** Whether it needs hosts with a network of their own. */
  public boolean needsNetwork() {
    return this == NETWORK_CUT;
  }
}
