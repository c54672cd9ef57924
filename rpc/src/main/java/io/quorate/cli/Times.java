package io.quorate.cli;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

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
}
