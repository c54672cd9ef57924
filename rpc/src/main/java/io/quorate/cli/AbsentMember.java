package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.Optional;

/**
 * Notices that the member is gone that alone could carry out a wish: nobody is to wait for ever for
 * one that was killed right after it was asked.
 */
final class AbsentMember {

  /** Longer than an agent takes to be restarted. */
  private static final Duration GIVEN_UP = Duration.ofSeconds(15);

  private static final Duration BETWEEN = Duration.ofSeconds(3);

  private final Operation asked;
  private BootTime next;
  private Optional<BootTime> since = Optional.empty();

  AbsentMember(Operation asked, BootTime now) {
    this.asked = asked;
    this.next = now.plus(BETWEEN);
  }

  /** Whether to look at the cluster now. */
  boolean isDue(BootTime now) {
    boolean ofOneMember =
        switch (asked.getKind()) {
          case "restart", "reload", "reinit" -> !asked.getMember().isEmpty();
          default -> false;
        };
    return ofOneMember && !now.isBefore(next);
  }

  /**
   * The cluster as it is now.
   *
   * @throws CliException when the member has not been there for long
   */
  void saw(ClusterStatus status, BootTime now) {
    next = now.plus(BETWEEN);
    since = isThere(status) ? Optional.empty() : since.or(() -> Optional.of(now));
    if (since.filter(at -> at.until(now).compareTo(GIVEN_UP) >= 0).isPresent()) {
      throw new CliException(
          "no agent of the name %2$s is there: the %1$s goes on when it is back, unless"
                  .formatted(asked.getKind(), asked.getMember())
              + " 'quorate flush %s %s' takes it back"
                  .formatted(asked.getKind(), asked.getMember()));
    }
  }

  /** Where the store does not answer, nobody knows. */
  private boolean isThere(ClusterStatus status) {
    return new MemberList(status).outdated().isPresent()
        || status.getMembersList().stream()
            .map(MemberStatus::getName)
            .anyMatch(asked.getMember()::equals);
  }
}
