package io.quorate.cli;

import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Role;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who is restarted before whom. Standbys first, so that the primary serves as long as possible; but
 * a standby may run with no less than its primary of what sizes the lock tables and the like: where
 * one of these gets less and none gets more, the primary goes first.
 */
final class RestartOrder {

  private static final Set<String> SHARED =
      Set.of(
          "max_connections",
          "max_locks_per_transaction",
          "max_prepared_transactions",
          "max_wal_senders",
          "max_worker_processes");
  private static final Pattern PENDING = Pattern.compile("(\\w+): (\\d+)->(\\d+)");

  private RestartOrder() {}

  static List<MemberStatus> of(List<MemberStatus> members) {
    boolean primaryFirst = primaryFirst(members);
    return members.stream()
        .sorted(
            Comparator.comparing(
                    (MemberStatus m) -> (m.getRole() == Role.ROLE_PRIMARY) != primaryFirst)
                .thenComparing(MemberStatus::getName))
        .toList();
  }

  /** Whether standbys can follow only once the primary was restarted with less. */
  static boolean primaryFirst(List<MemberStatus> members) {
    return members.stream()
        .filter(m -> m.getRole() == Role.ROLE_PRIMARY)
        .anyMatch(RestartOrder::onlyLowers);
  }

  private static boolean onlyLowers(MemberStatus primary) {
    boolean lowers = false;
    for (String pending : primary.getPendingRestartList()) {
      Matcher setting = PENDING.matcher(pending);
      if (setting.matches() && SHARED.contains(setting.group(1))) {
        long now = Long.parseLong(setting.group(2));
        long next = Long.parseLong(setting.group(3));
        if (next > now) {
          return false;
        }
        lowers |= next < now;
      }
    }
    return lowers;
  }
}
