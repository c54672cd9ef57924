package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.MemberStatus;
import org.junit.jupiter.api.Test;

/** The list as patronictl prints it. */
final class MemberListTest {

  @Test
  void tableLooksAsPatronictls() {
    String text =
        String.join(
            "\n",
            new MemberList(ClusterStatuses.seenBy("node0").build()).lines(Format.PRETTY, false));
    assertThat(text)
        .isEqualTo(
            """
            + Cluster: demo (7711056875852361249) -----------+----+-------------+-----+------------+-----+----------+
            | Member | Host            | Role    | State     | TL | Receive LSN | Lag | Replay LSN | Lag | Tags     |
            +--------+-----------------+---------+-----------+----+-------------+-----+------------+-----+----------+
            | node0  | 127.0.0.1:19100 | Leader  | running   |  1 |             |     |            |     | rack: r0 |
            | node1  | 127.0.0.1:19101 | Replica | streaming |  1 |   0/4000060 |   0 |  0/4000060 |   0 | rack: r1 |
            +--------+-----------------+---------+-----------+----+-------------+-----+------------+-----+----------+\
            """);
  }

  /** Who hears nothing from the store shows what was true once. */
  @Test
  void saysWhenAllOfItIsOutdated() {
    ClusterStatus.Builder status = ClusterStatuses.seenBy("node0").setViewAgeMs(12_400);
    assertThat(new MemberList(status.build()).lines(Format.PRETTY, false).getLast())
        .startsWith(" OUTDATED: node0 last heard from the store 12 s ago and ");
    status.getStoreBuilder().clearLeader();
    assertThat(new MemberList(status.build()).lines(Format.PRETTY, false).getLast())
        .contains("knows no leader of it: a majority of the store's voters is needed");
    assertThat(new MemberList(status.build()).lines(Format.JSON, false)).hasSize(1);
  }

  @Test
  void jsonLooksAsPatronictls() {
    assertThat(
            String.join(
                "",
                new MemberList(ClusterStatuses.seenBy("node0").build()).lines(Format.JSON, false)))
        .isEqualTo(
            "[{\"Cluster\":\"demo\",\"Member\":\"node0\",\"Host\":\"127.0.0.1:19100\","
                + "\"Role\":\"Leader\",\"State\":\"running\",\"TL\":1,\"Tags\":{\"rack\":\"r0\"}},"
                + "{\"Cluster\":\"demo\",\"Member\":\"node1\",\"Host\":\"127.0.0.1:19101\","
                + "\"Role\":\"Replica\",\"State\":\"streaming\",\"TL\":1,"
                + "\"Receive LSN\":\"0/4000060\",\"Receive Lag\":0,"
                + "\"Replay LSN\":\"0/4000060\",\"Replay Lag\":0,\"Tags\":{\"rack\":\"r1\"}}]");
  }

  @Test
  void aWitnessHasAHostAndNoPosition() {
    ClusterStatus status =
        ClusterStatuses.seenBy("node0").addMembers(ClusterStatuses.witness()).build();
    assertThat(String.join("\n", new MemberList(status).lines(Format.PRETTY, false)))
        .contains(
            "| node2  | 127.0.0.1       | Witness | running   |    |             |     |            "
                + "|     |          |");
    assertThat(String.join("", new MemberList(status).lines(Format.JSON, false)))
        .endsWith(
            "{\"Cluster\":\"demo\",\"Member\":\"node2\",\"Host\":\"127.0.0.1\","
                + "\"Role\":\"Witness\",\"State\":\"running\"}]");
  }

  @Test
  void hostsAloneAreShownWhereTheyTellMembersApart() {
    ClusterStatus status =
        ClusterStatuses.seenBy("node0")
            .clearMembers()
            .addMembers(MemberStatus.newBuilder().setName("a").setHost("h1").setPort(5432))
            .addMembers(
                MemberStatus.newBuilder()
                    .setName("b")
                    .setHost("h2")
                    .setPort(5432)
                    .setProblem("disk full"))
            .clearSystemIdentifier()
            .build();
    String text = String.join("\n", new MemberList(status).lines(Format.PRETTY, false));
    assertThat(text)
        .startsWith("+ Cluster: demo (uninitialized) ")
        .contains("| a      | h1   | Replica |       |    |     unknown |     |    unknown |     |")
        .doesNotContain("Tags")
        .endsWith(" b: disk full");
  }

  @Test
  void tagsOnSeveralLinesRuleEveryRow() {
    ClusterStatus status =
        ClusterStatuses.seenBy("node0")
            .setMembers(0, ClusterStatuses.leader().toBuilder().putTags("zone", "eu"))
            .build();
    String text = String.join("\n", new MemberList(status).lines(Format.PRETTY, false));
    assertThat(text).contains("| rack: r0 |\n").contains("| zone: eu |\n");
    assertThat(text.lines().filter(line -> line.startsWith("+-"))).hasSize(3);
  }
}
