package io.quorate.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** Times for people. */
final class Times {

  private static final DateTimeFormatter SHOWN =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Times() {}

  /** In UTC, as patronictl writes it. */
  static String shown(Instant instant) {
    return SHOWN.format(instant);
  }

  /**
   * When something is to happen, ISO 8601; empty: at once. Without a zone, this machine's.
   *
   * @throws CliException if it is no time
   */
  static Optional<String> scheduled(String text) {
    String given = text.strip();
    if (given.isEmpty() || given.equalsIgnoreCase("now")) {
      return Optional.empty();
    }
    String iso = given.replaceFirst("^([0-9-]{10}) +", "$1T");
    try {
      return Optional.of(OffsetDateTime.parse(iso).toString());
    } catch (DateTimeException withoutZone) {
      try {
        return Optional.of(
            LocalDateTime.parse(iso).atZone(ZoneId.systemDefault()).toOffsetDateTime().toString());
      } catch (DateTimeException e) {
        throw new CliException.WrongUse(
            "'" + text + "' is no time: expected something such as '2030-01-31T22:00:00+00:00'");
      }
    }
  }
}
