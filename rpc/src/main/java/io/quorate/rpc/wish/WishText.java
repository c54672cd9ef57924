package io.quorate.rpc.wish;

import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PatroniRole;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the parts of wishes; an empty text is an absent part. */
public final class WishText {

  private static final Pattern SPACE_BEFORE_TIME = Pattern.compile("^([0-9-]{10}) +");

  /** {@code +0100}, {@code +01}: Python and PostgreSQL write them. */
  private static final Pattern SHORT_ZONE = Pattern.compile("([+-][0-9]{2})(?::?([0-9]{2}))?$");

  private static final Pattern VERSION =
      Pattern.compile("([0-9]{1,2})\\.([0-9]{1,3})(?:\\.([0-9]{1,3}))?");
  private static final Pattern TIME =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,6})?) *(us|ms|s|min|h|d)?");
  private static final int FIRST_TWO_PART_VERSION = 10;

  private static final Map<String, Long> MICROS =
      Map.of(
          "us", 1L,
          "ms", 1_000L,
          "s", 1_000_000L,
          "min", 60_000_000L,
          "h", 3_600_000_000L,
          "d", 86_400_000_000L);

  private WishText() {}

  /** A member. */
  public static Optional<MemberName> member(String text) throws InvalidWishException {
    if (text.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new MemberName(text.strip()));
    } catch (IllegalArgumentException e) {
      throw new InvalidWishException("'" + text + "' is no name of a member", false);
    }
  }

  /** A member that has to be named; {@code field} is its name in the message. */
  public static MemberName required(String text, String field) throws InvalidWishException {
    return member(text)
        .orElseThrow(() -> new InvalidWishException("'" + field + "' has to be given", false));
  }

  /** A time with its zone, ISO 8601 as Java, Python and PostgreSQL write it. */
  public static Optional<Instant> time(String text) throws InvalidWishException {
    if (text.isBlank()) {
      return Optional.empty();
    }
    String iso = SPACE_BEFORE_TIME.matcher(text.strip()).replaceFirst("$1T");
    try {
      LocalDateTime.parse(iso);
    } catch (DateTimeException e) {
      return Optional.of(withZone(iso, text));
    }
    throw new InvalidWishException(
        "'" + text + "' has no time zone: add one, such as '+00:00'", false);
  }

  private static Instant withZone(String iso, String text) throws InvalidWishException {
    Matcher zone = SHORT_ZONE.matcher(iso);
    String full =
        iso.indexOf('T') > 0 && zone.find() && zone.start() > iso.indexOf('T')
            ? iso.substring(0, zone.start())
                + zone.group(1)
                + ":"
                + (zone.group(2) == null ? "00" : zone.group(2))
            : iso;
    try {
      return OffsetDateTime.parse(full).toInstant();
    } catch (DateTimeException e) {
      throw new InvalidWishException(
          "'" + text + "' is no time: expected something such as '2030-01-31T22:00:00+00:00'",
          true);
    }
  }

  /** A role that a restart may be bound to. */
  public static Optional<PatroniRole> role(String text) throws InvalidWishException {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "", "any" -> Optional.empty();
      case "primary", "master", "leader" -> Optional.of(PatroniRole.PRIMARY);
      case "replica", "standby" -> Optional.of(PatroniRole.REPLICA);
      default ->
          throw new InvalidWishException("'" + text + "' is no role: primary or replica", false);
    };
  }

  /** A version of PostgreSQL such as {@code 15.4}, as {@code server_version_num}. */
  public static Optional<Integer> version(String text) throws InvalidWishException {
    if (text.isBlank()) {
      return Optional.empty();
    }
    Matcher version = VERSION.matcher(text.strip());
    if (version.matches()) {
      int first = Integer.parseInt(version.group(1));
      int second = Integer.parseInt(version.group(2));
      if (version.group(3) == null && first >= FIRST_TWO_PART_VERSION) {
        return Optional.of(first * 10_000 + second);
      }
      if (version.group(3) != null && first < FIRST_TWO_PART_VERSION) {
        return Optional.of(first * 10_000 + second * 100 + Integer.parseInt(version.group(3)));
      }
    }
    throw new InvalidWishException(
        "'" + text + "' is no version of PostgreSQL: expected something such as '15.4'", false);
  }

  /** A time such as {@code 30}, {@code 500ms} or {@code 2min}; without a unit seconds. */
  public static Optional<Duration> duration(String text) throws InvalidWishException {
    if (text.isBlank()) {
      return Optional.empty();
    }
    Matcher time = TIME.matcher(text.strip());
    if (time.matches()) {
      String unit = time.group(2) == null ? "s" : time.group(2);
      long micros =
          Math.round(Double.parseDouble(time.group(1)) * MICROS.getOrDefault(unit, 1_000_000L));
      if (micros > 0) {
        return Optional.of(Duration.ofNanos(micros * 1_000));
      }
    }
    throw new InvalidWishException(
        "'" + text + "' is no time: expected seconds, or something such as '500ms' or '2min'",
        false);
  }
}
