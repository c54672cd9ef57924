package io.quorate.ha.postgres;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Settings of which a standby must not have less than its primary. Where it learns from the WAL
 * that its primary has more, it replays no further: it cannot be promoted, and would shut down when
 * told to go on. Started again it takes what the control file says.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/15/hot-standby.html#HOT-STANDBY-ADMIN">Administrator's
 *     overview of hot standby</a>
 */
final class StandbyLimits {

  private static final Set<String> NAMES =
      new TreeSet<>(
          Set.of(
              "max_connections",
              "max_locks_per_transaction",
              "max_prepared_transactions",
              "max_wal_senders",
              "max_worker_processes"));

  private StandbyLimits() {}

  /** A standby replays no further for this; empty where something else holds it up, or nothing. */
  static Optional<String> tooLow(Sql standby, ControlData control) {
    List<String> lower =
        standby.query(
            "SELECT name, setting FROM pg_settings WHERE name = ANY ('{"
                + String.join(",", NAMES)
                + "}') AND pg_is_wal_replay_paused() ORDER BY name",
            row -> {
              long needed = control.setting(row.text(1));
              return needed > row.number(2)
                  ? row.text(1) + " is " + row.number(2) + ", its primary's is " + needed
                  : "";
            });
    return lower.stream().filter(text -> !text.isEmpty()).findFirst();
  }
}
