package io.quorate.ha.model;

/**
 * A WAL position, PostgreSQL's {@code pg_lsn}: an unsigned byte offset.
 *
 * @see <a href="https://www.postgresql.org/docs/15/datatype-pg-lsn.html">pg_lsn</a>
 */
public record Lsn(long value) implements Comparable<Lsn> {

  /** 0/0, PostgreSQL's invalid position. */
  public static final Lsn INVALID = new Lsn(0);

  /**
   * Parses PostgreSQL's text form, {@code XXXXXXXX/XXXXXXXX}.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    if (slash <= 0 || slash > 8 || text.length() - slash - 1 < 1 || text.length() - slash - 1 > 8) {
      throw new IllegalArgumentException("not a WAL position: '" + text + "'");
    }
    try {
      long high = Long.parseUnsignedLong(text, 0, slash, 16);
      long low = Long.parseUnsignedLong(text, slash + 1, text.length(), 16);
      return new Lsn(high << 32 | low);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a WAL position: '" + text + "'", e);
    }
  }

  /** The later of the two. */
  public Lsn max(Lsn other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** Bytes from {@code earlier} to this position; negative when this lies before. */
  public long bytesSince(Lsn earlier) {
    return value - earlier.value;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  /** PostgreSQL's text form. */
  @Override
  public String toString() {
    return Long.toHexString(value >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(value & 0xffffffffL).toUpperCase(java.util.Locale.ROOT);
  }
}
