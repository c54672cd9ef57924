package io.quorate.ha.model;

/** The states that Patroni's interfaces speak of; index and text are theirs. */
public enum PatroniState {
  INITDB(0, "initializing new cluster"),
  INITDB_FAILED(1, "initdb failed"),
  CUSTOM_BOOTSTRAP(2, "running custom bootstrap script"),
  CUSTOM_BOOTSTRAP_FAILED(3, "custom bootstrap failed"),
  CREATING_REPLICA(4, "creating replica"),
  RUNNING(5, "running"),
  STARTING(6, "starting"),
  BOOTSTRAP_STARTING(7, "starting after custom bootstrap"),
  START_FAILED(8, "start failed"),
  RESTARTING(9, "restarting"),
  RESTART_FAILED(10, "restart failed"),
  STOPPING(11, "stopping"),
  STOPPED(12, "stopped"),
  STOP_FAILED(13, "stop failed"),
  CRASHED(14, "crashed"),
  UNKNOWN(-1, "unknown");

  private final int metric;
  private final String text;

  PatroniState(int metric, String text) {
    this.metric = metric;
    this.text = text;
  }

  /** The text in Patroni's JSON. */
  public String text() {
    return text;
  }

  /** The number in Patroni's metric; −1 for unknown. */
  public int metric() {
    return metric;
  }
}
