package io.quorate.cli;

import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.SharedLimits;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Role;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who is restarted before whom. Standbys first, so that the primary serves as long as possible; but
 * a standby may run with no less than its primary of what sizes the lock tables and the like: where
 * one of these gets less and none gets more, the primary goes first.
 */
final class RestartOrder {

  private static final Pattern PENDING = Pattern.compile("(\\w+): (.*)->(.*)");

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
        .anyMatch(primary -> SharedLimits.primaryFirst(pending(primary)));
  }

  private static List<PendingSetting> pending(MemberStatus member) {
    return member.getPendingRestartList().stream()
        .map(PENDING::matcher)
        .filter(Matcher::matches)
        .map(setting -> new PendingSetting(setting.group(1), setting.group(2), setting.group(3)))
        .toList();
  }
}
