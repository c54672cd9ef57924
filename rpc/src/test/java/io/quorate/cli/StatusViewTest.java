package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The live view: each member's own word, and silence shown as such. */
final class StatusViewTest {

  private static final BootTime AT = new BootTime(0);
  private static final BootTime NOW = AT.plus(Duration.ofMillis(400));

  private static Sighting answers(String address, ClusterStatus.Builder status) {
    return new Sighting(address, Optional.of(status.build()), AT, Optional.empty());
  }

  private static String view(Sighting... sightings) {
    return String.join("\n", new StatusView(List.of(sightings), NOW).lines());
  }

  @Test
  void showsEachMemberByItsOwnWord() {
    ClusterStatus.Builder primary = ClusterStatuses.seenBy("node0");
    primary.getNodeBuilder().setPrimary(true).setLeaseLeftMs(2_600);
    ClusterStatus.Builder standby = ClusterStatuses.seenBy("node1");
    standby.getNodeBuilder().setOperation("clone");
    assertThat(view(answers("x:1", primary), answers("x:2", standby)))
        .isEqualTo(
            """
            + Cluster: demo ---+-----------+----+-----------+------+-------+--------+-------------+
            | Member | Role    | State     | TL |       LSN |  Lag | Lease | Store  | Doing       |
            +--------+---------+-----------+----+-----------+------+-------+--------+-------------+
            | node0  | PRIMARY | running   |  1 | 0/4000060 |      | 2.2 s | voter  | all is well |
            | node1  | standby | streaming |  1 | 0/3FFF060 | 4 kB |       | leader | clone       |
            | node2  |         | no answer |    |           |      |       | voter  |             |
            +--------+---------+-----------+----+-----------+------+-------+--------+-------------+
             Primary: node0, epoch 7; profile lan, lease 3.0 s
             Store: leader node1, term 4, log index 100\
            """);
  }

  @Test
  void aWitnessIsNoStandby() {
    ClusterStatus.Builder status =
        ClusterStatuses.seenBy("node2").addMembers(ClusterStatuses.witness());
    status.getNodeBuilder().setRole("witness").clearPosition();
    assertThat(view(answers("x:3", status)))
        .containsPattern("\\| node2  \\| witness +\\| running +\\| +\\| +\\| +\\| +\\| voter  \\|");
  }

  @Test
  void aPrimaryThatDoesNotAnswerOnlyHoldsItsLease() {
    Sighting gone =
        new Sighting(
            "x:1",
            Optional.of(ClusterStatuses.seenBy("node0").build()),
            AT,
            Optional.of("Connection refused"));
    assertThat(view(gone, answers("x:2", ClusterStatuses.seenBy("node1"))))
        .contains("| node0  | holds lease | no answer |")
        .contains(" ! node0 does not answer: Connection refused");
  }

  @Test
  void theFreshestViewDecides() {
    ClusterStatus.Builder old =
        ClusterStatuses.seenBy("node0").setViewAgeMs(9_000).setPrimary("node2");
    ClusterStatus.Builder fresh = ClusterStatuses.seenBy("node1").setPrimary("node1").setEpoch(8);
    assertThat(view(answers("x:1", old), answers("x:2", fresh)))
        .contains(" Primary: node1, epoch 8;");
  }

  @Test
  void lastFailoverAndProblemsAreTold() {
    ClusterStatus.Builder status =
        ClusterStatuses.seenBy("node0").setLastFailover(ClusterStatuses.failover());
    status.getStoreBuilder().setProblem("disk full");
    assertThat(view(answers("x:1", status)))
        .contains(
            " Last failover: node2 -> node0 at 2026-11-22T18:00:00Z: the lease of node2 ended\n"
                + "   lost: nothing; steps: acquired 12 ms, writable 61 ms")
        .contains(" ! store at node0: disk full");
  }

  @Test
  void nobodyAnswering() {
    Sighting gone = new Sighting("x:1", Optional.empty(), AT, Optional.of("Connection refused"));
    assertThat(view(gone)).isEqualTo("no member answers:\n  x:1: Connection refused");
  }
}
