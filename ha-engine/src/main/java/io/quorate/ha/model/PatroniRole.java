package io.quorate.ha.model;

/** The roles that Patroni's interfaces speak of, and the one that it does not know: witness. */
public enum PatroniRole {
  PRIMARY("primary"),
  REPLICA("replica"),
  DEMOTED("demoted"),
  UNINITIALIZED("uninitialized"),
  PROMOTED("promoted"),
  /** No PostgreSQL: a voter of the store only. */
  WITNESS("witness");

  private final String text;

  PatroniRole(String text) {
    this.text = text;
  }

  /** The text in Patroni's JSON. */
  public String text() {
    return text;
  }
}
