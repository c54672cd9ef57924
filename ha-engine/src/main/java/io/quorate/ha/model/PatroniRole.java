package io.quorate.ha.model;

/** The roles that Patroni's interfaces speak of. */
public enum PatroniRole {
  PRIMARY("primary"),
  REPLICA("replica"),
  DEMOTED("demoted"),
  UNINITIALIZED("uninitialized"),
  PROMOTED("promoted");

  private final String text;

  PatroniRole(String text) {
    this.text = text;
  }

  /** The text in Patroni's JSON. */
  public String text() {
    return text;
  }
}
