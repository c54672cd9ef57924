package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A standby never runs with less than its primary of what it must have as much of. */
final class RestartOrderTest {

  private static List<String> order(String... pendingOnPrimary) {
    return RestartOrder.of(
            List.of(
                member("a", Role.ROLE_PRIMARY, pendingOnPrimary),
                member("c", Role.ROLE_STANDBY),
                member("b", Role.ROLE_STANDBY)))
        .stream()
        .map(MemberStatus::getName)
        .toList();
  }

  private static MemberStatus member(String name, Role role, String... pending) {
    return MemberStatus.newBuilder()
        .setName(name)
        .setRole(role)
        .addAllPendingRestart(List.of(pending))
        .build();
  }

  @Test
  void primaryIsLastWhileNothingGetsLess() {
    assertThat(order()).containsExactly("b", "c", "a");
    assertThat(order("max_connections: 100->200")).containsExactly("b", "c", "a");
    assertThat(order("shared_buffers: 32->16", "max_connections: 100->200"))
        .containsExactly("b", "c", "a");
  }

  @Test
  void primaryIsFirstWhereSomethingGetsLess() {
    assertThat(order("max_connections: 200->100")).containsExactly("a", "b", "c");
    assertThat(order("max_wal_senders: 20->10", "shared_buffers: 16MB->?"))
        .containsExactly("a", "b", "c");
  }

  @Test
  void whatGetsMoreGoesBeforeWhatGetsLess() {
    assertThat(order("max_wal_senders: 20->10", "max_connections: 100->200"))
        .containsExactly("b", "c", "a");
  }
}
