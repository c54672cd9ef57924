package io.quorate.ha.postgres;

import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A timeline's history file: its ancestors, oldest first, each with the position at which the next
 * forked off.
 *
 * @param ancestors empty for timeline 1, and for a placeholder, which only keeps an id from being
 *     taken
 */
record TimelineHistory(TimelineId timeline, List<Ancestor> ancestors) {

  /** WAL of {@code timeline} up to {@code end}. */
  record Ancestor(TimelineId timeline, Lsn end) {}

  /** Text of a placeholder: comments are all that PostgreSQL skips. */
  static final String PLACEHOLDER = "# Quorate: this timeline id was reserved and never written\n";

  TimelineHistory {
    ancestors = List.copyOf(ancestors);
  }

  /**
   * Parses a file's text.
   *
   * @throws PostgresFailure if a line is not of PostgreSQL's form
   */
  static TimelineHistory parse(TimelineId timeline, String text) {
    List<Ancestor> ancestors = new ArrayList<>();
    for (String line : text.lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] fields = line.split("\\s+", 3);
      try {
        ancestors.add(
            new Ancestor(new TimelineId(Integer.parseInt(fields[0])), Lsn.parse(fields[1])));
      } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
        throw new PostgresFailure(
            "pg_wal/" + fileName(timeline) + " is damaged at the line '" + line + "'");
      }
    }
    return new TimelineHistory(timeline, ancestors);
  }

  static String fileName(TimelineId timeline) {
    return String.format(Locale.ROOT, "%08X.history", timeline.value());
  }

  boolean placeholder() {
    return ancestors.isEmpty() && timeline.value() > 1;
  }

  /** What it forked off, last of all. */
  Optional<Ancestor> parent() {
    return ancestors.isEmpty() ? Optional.empty() : Optional.of(ancestors.getLast());
  }

  /** Where this history leaves {@code ancestor}; empty where that is no ancestor. */
  Optional<Lsn> endOf(TimelineId ancestor) {
    return ancestors.stream()
        .filter(entry -> entry.timeline().equals(ancestor))
        .map(Ancestor::end)
        .findFirst();
  }

  /** The text of {@code ancestor}'s own history file, as far as this one tells it. */
  String textUpTo(TimelineId ancestor) {
    StringBuilder text = new StringBuilder();
    for (Ancestor entry : ancestors) {
      if (entry.timeline().equals(ancestor)) {
        break;
      }
      text.append(entry.timeline())
          .append('\t')
          .append(entry.end())
          .append("\trestored by Quorate from a later timeline's history\n\n");
    }
    return text.toString();
  }
}
