package io.quorate.ha.postgres;

import io.quorate.ha.model.SharedLimits;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Settings of which a standby must not have less than its primary. Where it learns from the WAL
 * that its primary has more, it replays no further: it cannot be promoted, and would shut down when
 * told to go on. Started again it takes what the control file says.
 *
 * @see SharedLimits
 */
final class StandbyLimits {

  private StandbyLimits() {}

  /** A standby replays no further for this; empty where something else holds it up, or nothing. */
  static Optional<String> tooLow(Sql standby, ControlData control) {
    if (!standby.one("SELECT pg_is_wal_replay_paused()", row -> row.flag(1))) {
      return Optional.empty();
    }
    return running(standby).entrySet().stream()
        .filter(setting -> control.setting(setting.getKey()) > setting.getValue())
        .findFirst()
        .map(setting ->
            setting.getKey()
                + " is "
                + setting.getValue()
                + ", its primary's is "
                + control.setting(setting.getKey()));
  }

  /** What a server runs with, by name. */
  static SortedMap<String, Long> running(Sql server) {
    SortedMap<String, Long> values = new TreeMap<>();
    server
        .query(
            "SELECT name, setting FROM pg_settings WHERE name = ANY ('{"
                + String.join(",", SharedLimits.NAMES)
                + "}')",
            row -> Map.entry(row.text(1), row.number(2)))
        .forEach(setting -> values.put(setting.getKey(), setting.getValue()));
    return values;
  }
}
