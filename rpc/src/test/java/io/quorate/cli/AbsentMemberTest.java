package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.Settings;
import io.quorate.time.BootTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A command does not wait for ever for a member that is gone. */
final class AbsentMemberTest {

  private static final BootTime BEGAN = new BootTime(0);
  private static final Operation RELOAD =
      Operation.newBuilder().setKind("reload").setMember("db3").build();

  private final AbsentMember absent = new AbsentMember(RELOAD, BEGAN);

  private static BootTime at(int seconds) {
    return BEGAN.plus(Duration.ofSeconds(seconds));
  }

  /** As the store has it, unless {@code ageMs} is more than the ttl. */
  private static ClusterStatus status(long ageMs, String... members) {
    ClusterStatus.Builder status =
        ClusterStatus.newBuilder()
            .setViewAgeMs(ageMs)
            .setSettings(Settings.newBuilder().setTtlMs(3000));
    for (String name : members) {
      status.addMembers(MemberStatus.newBuilder().setName(name));
    }
    return status.build();
  }

  @Test
  void oneThatIsRestartedIsWaitedFor() {
    assertThat(absent.isDue(at(2))).isFalse();
    assertThat(absent.isDue(at(3))).isTrue();
    absent.saw(status(10, "db1"), at(3));
    assertThat(absent.isDue(at(5))).isFalse();
    absent.saw(status(10, "db1", "db3"), at(15));
    absent.saw(status(10, "db1"), at(18));
    absent.saw(status(10, "db1"), at(32));
    assertThatThrownBy(() -> absent.saw(status(10, "db1"), at(33)))
        .isInstanceOf(CliException.class)
        .hasMessage(
            "no agent of the name db3 is there: the reload goes on when it is back, unless"
                + " 'quorate flush reload db3' takes it back");
  }

  @Test
  void nothingIsConcludedFromWhatIsOutdated() {
    absent.saw(status(10, "db1"), at(3));
    absent.saw(status(9000, "db1"), at(18));
    absent.saw(status(10, "db1"), at(21));
    assertThat(absent.isDue(at(24))).isTrue();
  }

  @Test
  void whoIsPrimaryIsTheConcernOfAll() {
    Operation switchover =
        Operation.newBuilder().setKind("switchover").setMember("db1").setCandidate("db3").build();
    assertThat(new AbsentMember(switchover, BEGAN).isDue(at(60))).isFalse();
  }
}
