package io.quorate.ha.model;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Settings of which a standby must not have less than its primary: raised, they are raised on
 * standbys first; lowered, they are lowered on the primary first, and on a standby once it has
 * replayed that.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/15/hot-standby.html#HOT-STANDBY-ADMIN">Administrator's
 *     overview of hot standby</a>
 */
public final class SharedLimits {

  /** Their names, as PostgreSQL has them. */
  public static final List<String> NAMES =
      List.of(
          "max_connections",
          "max_locks_per_transaction",
          "max_prepared_transactions",
          "max_wal_senders",
          "max_worker_processes");

  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  private SharedLimits() {}

  /**
   * Whether the primary is to be restarted before its standbys: where one of these gets less there,
   * and none gets more.
   *
   * @param pending what waits for a restart on the primary
   */
  public static boolean primaryFirst(List<PendingSetting> pending) {
    List<PendingSetting> shared =
        pending.stream()
            .filter(setting -> NAMES.contains(setting.name()))
            .filter(setting -> isNumber(setting.now()) && isNumber(setting.next()))
            .toList();
    return shared.stream().anyMatch(setting -> growth(setting) < 0)
        && shared.stream().noneMatch(setting -> growth(setting) > 0);
  }

  private static long growth(PendingSetting setting) {
    return Long.parseLong(setting.next()) - Long.parseLong(setting.now());
  }

  private static boolean isNumber(String value) {
    return NUMBER.matcher(value).matches();
  }
}
