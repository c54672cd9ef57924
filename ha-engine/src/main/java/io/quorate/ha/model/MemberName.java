package io.quorate.ha.model;

import java.util.Locale;

/** A member's configured {@code name}: 1 to 63 of letters, digits, {@code . _ -}. */
public record MemberName(String value) implements Comparable<MemberName> {

  /** Checks the form. */
  public MemberName {
    if (!value.matches("[A-Za-z0-9._-]{1,63}")) {
      throw new IllegalArgumentException(
          "name must be 1 to 63 of letters, digits, '.', '_', '-': '" + value + "'");
    }
  }

  /**
   * The physical replication slot of this member, named as Patroni names it: lower case, {@code -}
   * and {@code .} as {@code _}.
   */
  public String slotName() {
    return value.toLowerCase(Locale.ROOT).replace('-', '_').replace('.', '_');
  }

  @Override
  public int compareTo(MemberName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
