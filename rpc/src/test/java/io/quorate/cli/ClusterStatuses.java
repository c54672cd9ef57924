package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Failover;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.NodeStatus;
import io.quorate.proto.admin.v1.Role;
import io.quorate.proto.admin.v1.Settings;
import io.quorate.proto.admin.v1.StoreStatus;

/** Statuses for tests. */
final class ClusterStatuses {

  private ClusterStatuses() {}

  static MemberStatus leader() {
    return MemberStatus.newBuilder()
        .setName("node0")
        .setHost("127.0.0.1")
        .setPort(19_100)
        .setRole(Role.ROLE_PRIMARY)
        .setState("running")
        .setTimeline(1)
        .setPosition(67_108_960)
        .setGrpcAddress("127.0.0.1:1")
        .putTags("rack", "r0")
        .build();
  }

  static MemberStatus replica() {
    return MemberStatus.newBuilder()
        .setName("node1")
        .setHost("127.0.0.1")
        .setPort(19_101)
        .setRole(Role.ROLE_STANDBY)
        .setState("streaming")
        .setTimeline(1)
        .setPosition(67_108_960)
        .setReceived(67_108_960)
        .setReceiveLag(0)
        .setReplayed(67_108_960)
        .setReplayLag(0)
        .setGrpcAddress("127.0.0.1:2")
        .putTags("rack", "r1")
        .build();
  }

  static MemberStatus witness() {
    return MemberStatus.newBuilder()
        .setName("node2")
        .setHost("127.0.0.1")
        .setRole(Role.ROLE_WITNESS)
        .setState("running")
        .setGrpcAddress("127.0.0.1:3")
        .build();
  }

  /** As {@code node} sees it. */
  static ClusterStatus.Builder seenBy(String node) {
    return ClusterStatus.newBuilder()
        .setScope("demo")
        .setRevision(9)
        .setViewAgeMs(100)
        .setSystemIdentifier("7711056875852361249")
        .setPrimary("node0")
        .setEpoch(7)
        .addMembers(leader())
        .addMembers(replica())
        .setNode(
            NodeStatus.newBuilder()
                .setName(node)
                .setState("running")
                .setReason("all is well")
                .setPosition(node.equals("node0") ? 67_108_960 : 67_104_864))
        .setStore(
            StoreStatus.newBuilder()
                .setLeader("node1")
                .setTerm(4)
                .setCommitIndex(100)
                .addVoters(StoreStatus.Voter.newBuilder().setName("node0"))
                .addVoters(StoreStatus.Voter.newBuilder().setName("node1"))
                .addVoters(StoreStatus.Voter.newBuilder().setName("node2")))
        .setSettings(Settings.newBuilder().setProfile("lan").setTtlMs(3_000));
  }

  static Failover failover() {
    return Failover.newBuilder()
        .setOldPrimary("node2")
        .setNewPrimary("node0")
        .setAt("2026-11-22T18:00:00Z")
        .setCause("the lease of node2 ended")
        .setLoss("nothing")
        .putStepsMs("writable", 61)
        .putStepsMs("acquired", 12)
        .build();
  }
}
