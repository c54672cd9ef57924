package io.quorate.ha.model;

/** The states that Patroni's interfaces speak of; index and text are theirs. */
public enum PatroniState {
  INITDB("initializing new cluster"),
  INITDB_FAILED("initdb failed"),
  CUSTOM_BOOTSTRAP("running custom bootstrap script"),
  CUSTOM_BOOTSTRAP_FAILED("custom bootstrap failed"),
  CREATING_REPLICA("creating replica"),
  RUNNING("running"),
  STARTING("starting"),
  BOOTSTRAP_STARTING("starting after custom bootstrap"),
  START_FAILED("start failed"),
  RESTARTING("restarting"),
  RESTART_FAILED("restart failed"),
  STOPPING("stopping"),
  STOPPED("stopped"),
  STOP_FAILED("stop failed"),
  CRASHED("crashed"),
  UNKNOWN("unknown");

  private final String text;

  PatroniState(String text) {
    this.text = text;
  }

  /** The text in Patroni's JSON. */
  public String text() {
    return text;
  }

  /** The number in Patroni's metric; −1 for unknown. */
  public int metric() {
    return this == UNKNOWN ? -1 : ordinal();
  }
}
