package io.quorate.ha.postgres;

import java.util.List;

/** What an operator has to look at when PostgreSQL ended right after its start. Pure. */
final class StartFailure {

  /**
   * @param words of PostgreSQL, of which several may be in one log: the first of the list counts
   */
  private record Known(String words, String hint) {}

  private static final List<Known> KNOWN =
      List.of(
          new Known(
              "Address already in use",
              "postgresql.listen: the port is in use by another program; "),
          new Known(
              "No space left on device",
              "no space left on the disk of postgresql.data_dir or pg_wal; "),
          new Known(
              "unrecognized configuration parameter",
              "postgresql.parameters names a setting that this PostgreSQL does not know; "),
          new Known("invalid permissions", "postgresql.data_dir must be 0700 or 0750; "));

  private StartFailure() {}

  /** The setting or directory behind it, to be put in front of the log; empty if not known. */
  static String hint(String log) {
    return KNOWN.stream()
        .filter(known -> log.contains(known.words()))
        .map(Known::hint)
        .findFirst()
        .orElse("");
  }
}
