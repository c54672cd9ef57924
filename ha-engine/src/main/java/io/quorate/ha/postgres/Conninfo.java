package io.quorate.ha.postgres;

import java.util.LinkedHashMap;
import java.util.Map;

/** A libpq connection string, in order, quoted where needed. */
final class Conninfo {

  private final Map<String, String> values = new LinkedHashMap<>();

  Conninfo with(String key, String value) {
    values.put(key, value);
    return this;
  }

  Conninfo withAll(Map<String, String> more) {
    values.putAll(more);
    return this;
  }

  /** {@code key=value} pairs. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    values.forEach((key, value) -> {
      if (!text.isEmpty()) {
        text.append(' ');
      }
      text.append(key).append('=').append(quoted(value));
    });
    return text.toString();
  }

  private static String quoted(String value) {
    if (value.matches("[A-Za-z0-9_./:@%+-]+")) {
      return value;
    }
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
