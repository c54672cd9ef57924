package io.quorate.ha.model;

/**
 * Identity of a data directory: new at initdb, base backup and restore; kept in PGDATA and, with
 * the floor, outside it. Lower-case hex, 16 digits.
 */
public record DataId(String value) {

  /** Checks the form. */
  public DataId {
    if (!value.matches("[0-9a-f]{16}")) {
      throw new IllegalArgumentException("data id must be 16 hex digits: '" + value + "'");
    }
  }

  /** Enough of it to tell directories apart in an {@code application_name}. */
  public String shortForm() {
    return value.substring(0, 8);
  }

  @Override
  public String toString() {
    return value;
  }
}
