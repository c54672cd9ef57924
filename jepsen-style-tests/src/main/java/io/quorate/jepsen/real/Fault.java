package io.quorate.jepsen.real;

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
  AGENT_TERMINATED("agent asked to stop (SIGTERM)");

  private final String text;

  Fault(String text) {
    this.text = text;
  }

  /** For people. */
  public String text() {
    return text;
  }

  /** Does it. */
  public void inject(RealNode node) {
    switch (this) {
      case HOST_LOST -> node.killHost();
      case POSTGRES_KILLED -> node.killPostgres();
      case AGENT_KILLED -> node.signalAgent("KILL");
      case AGENT_STOPPED -> node.signalAgent("STOP");
      case AGENT_TERMINATED -> node.signalAgent("TERM");
    }
  }

  /** Takes it back: the agent runs again. */
  public void undo(RealNode node) {
    switch (this) {
      case POSTGRES_KILLED -> {}
      case AGENT_STOPPED -> node.signalAgent("CONT");
      case HOST_LOST, AGENT_KILLED, AGENT_TERMINATED -> {
        Patience.await(
            "end of the agent of " + node.name(),
            java.time.Duration.ofSeconds(30),
            () -> node.agentPid().isEmpty(),
            () -> node.logTail(30));
        node.startAgent();
      }
    }
  }

  /** Whether another node becomes primary. */
  public boolean failsOver() {
    return this != POSTGRES_KILLED;
  }
}
