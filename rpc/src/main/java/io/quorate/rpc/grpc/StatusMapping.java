package io.quorate.rpc.grpc;

import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Failover;
import io.quorate.proto.admin.v1.MemberStatus;
import io.quorate.proto.admin.v1.NodeStatus;
import io.quorate.proto.admin.v1.Role;
import io.quorate.proto.admin.v1.Settings;
import io.quorate.proto.admin.v1.StoreStatus;
import io.quorate.rpc.rest.HealthAnswer;
import io.quorate.time.BootTime;
import java.util.Optional;

/** A snapshot as the admin service shows it. */
final class StatusMapping {

  private StatusMapping() {}

  static ClusterStatus of(NodeSnapshot snapshot, BootTime now) {
    ClusterStatus.Builder status = status(snapshot, snapshot.settings(), now);
    snapshot.viewAt().ifPresent(at -> status.setViewAgeMs(at.until(now).toMillis()));
    snapshot.cluster().ifPresent(view -> cluster(status, view));
    return status.build();
  }

  /** The node by its snapshot, the cluster as the store has it now. */
  static ClusterStatus of(NodeSnapshot snapshot, ClusterView current, BootTime now) {
    ClusterStatus.Builder status =
        status(snapshot, current.settings().orElse(snapshot.settings()), now).setViewAgeMs(0);
    cluster(status, current);
    return status.build();
  }

  private static ClusterStatus.Builder status(
      NodeSnapshot snapshot, ClusterSettings settings, BootTime now) {
    return ClusterStatus.newBuilder()
        .setScope(snapshot.scope())
        .setNode(node(snapshot, now))
        .setStore(store(snapshot))
        .setSettings(
            Settings.newBuilder()
                .setProfile(settings.timings().profile())
                .setTtlMs(settings.timings().ttl().toMillis())
                .setPaused(settings.pause())
                .setMaximumLagOnFailover(settings.maximumLagOnFailover()));
  }

  private static void cluster(ClusterStatus.Builder status, ClusterView view) {
    status.setRevision(view.revision());
    if (view.systemIdentifier().isPresent()) {
      status.setSystemIdentifier(Long.toUnsignedString(view.systemIdentifier().getAsLong()));
    }
    view.leader()
        .ifPresent(
            leader -> status.setPrimary(leader.holder().value()).setEpoch(leader.epoch().value()));
    view.members().values().forEach(member -> status.addMembers(member(member, view)));
    view.intents().values().stream()
        .filter(Intent::open)
        .forEach(intent -> status.addOperations(OperationMapping.of(intent, Optional.of(view))));
    if (!view.failovers().isEmpty()) {
      status.setLastFailover(failover(view.failovers().lastEntry().getValue()));
    }
  }

  private static MemberStatus member(MemberInfo member, ClusterView view) {
    boolean primary = view.leader().filter(l -> l.holder().equals(member.name())).isPresent();
    MemberStatus.Builder status =
        MemberStatus.newBuilder()
            .setName(member.name().value())
            .setHost(member.host())
            .setPort(member.port())
            .setRole(role(member, primary))
            .setState(!primary && member.streaming() ? "streaming" : member.state().text())
            .setApiUrl(member.apiUrl())
            .setGrpcAddress(member.grpcAddress())
            .setVersion(member.version())
            .putAllTags(member.tags().all())
            .setProblem(member.problem().orElse(""));
    member
        .pendingRestart()
        .forEach(setting ->
            status.addPendingRestart(
                setting.name() + ": " + setting.now() + "->" + setting.next()));
    member.copy().ifPresent(copy -> status.setCopy(OperationMapping.copy(copy)));
    member.timeline().ifPresent(timeline -> status.setTimeline(timeline.value()));
    member.position().ifPresent(lsn -> status.setPosition(lsn.value()));
    member.receive().ifPresent(lsn -> status.setReceived(lsn.value()));
    member.replay().ifPresent(lsn -> status.setReplayed(lsn.value()));
    if (!primary) {
      lag(view, member.receive()).ifPresent(status::setReceiveLag);
      lag(view, member.replay()).ifPresent(status::setReplayLag);
    }
    return status.build();
  }

  private static Role role(MemberInfo member, boolean primary) {
    if (member.isWitness()) {
      return Role.ROLE_WITNESS;
    }
    return primary ? Role.ROLE_PRIMARY : Role.ROLE_STANDBY;
  }

  private static Optional<Long> lag(ClusterView view, Optional<Lsn> lsn) {
    return view.published().flatMap(end -> lsn.map(at -> Math.max(0, end.bytesSince(at))));
  }

  private static NodeStatus node(NodeSnapshot snapshot, BootTime now) {
    NodeStatus.Builder node =
        NodeStatus.newBuilder()
            .setName(snapshot.name().value())
            .setVersion(snapshot.version())
            .setSituation(snapshot.situation())
            .setReason(snapshot.reason())
            .setOperation(snapshot.operation().orElse(""))
            .setState(snapshot.state().text())
            .setRole(snapshot.role().text())
            .setPrimary(HealthAnswer.isPrimary(snapshot, now))
            .setGuardianArmed(snapshot.guardianArmed())
            .setAgeMs(snapshot.publishedAt().until(now).toMillis());
    snapshot.holdUntil().ifPresent(until -> node.setLeaseLeftMs(now.until(until).toMillis()));
    position(snapshot.postgres()).ifPresent(lsn -> node.setPosition(lsn.value()));
    return node.build();
  }

  private static Optional<Lsn> position(PostgresStatus status) {
    return switch (status) {
      case PostgresStatus.Primary primary -> Optional.of(primary.flush());
      case PostgresStatus.Standby standby -> Optional.of(standby.position());
      case PostgresStatus.Unobserved _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Stopped _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _ ->
          Optional.empty();
    };
  }

  private static StoreStatus store(NodeSnapshot snapshot) {
    io.quorate.store.StoreStatus store = snapshot.store();
    StoreStatus.Builder status =
        StoreStatus.newBuilder()
            .setLeader(store.leader().orElse(""))
            .setTerm(store.term())
            .setCommitIndex(store.commitIndex())
            .setAppliedIndex(store.appliedIndex())
            .setAppliedRevision(store.appliedRevision().value())
            .setProblem(store.problem().orElse(""));
    store
        .voters()
        .forEach(voter ->
            status.addVoters(
                StoreStatus.Voter.newBuilder()
                    .setName(voter.name())
                    .setAddress(voter.address())
                    .setReachable(voter.reachable())));
    return status.build();
  }

  static Failover failover(FailoverReport report) {
    return Failover.newBuilder()
        .setEpoch(report.epoch().value())
        .setCause(report.cause())
        .setAt(report.at())
        .setOldPrimary(report.oldPrimary().map(name -> name.value()).orElse(""))
        .setNewPrimary(report.newPrimary().value())
        .setOldTimeline(report.oldTimeline().value())
        .setNewTimeline(report.newTimeline().value())
        .setPromotedAt(report.promotedAt().value())
        .putAllStepsMs(report.steps())
        .setLoss(loss(report.loss()))
        .build();
  }

  private static String loss(FailoverReport.Loss loss) {
    return switch (loss) {
      case FailoverReport.Loss.NotYetKnown _ -> "not known until the old primary is back";
      case FailoverReport.Loss.None _ -> "nothing";
      case FailoverReport.Loss.Range(Lsn from, Lsn to, long commits, Optional<String> keptAt) ->
          commits
              + " commits, WAL "
              + from
              + " to "
              + to
              + keptAt.map(where -> ", kept in " + where).orElse("");
      case FailoverReport.Loss.CannotBeKnown(String reason) -> "cannot be known: " + reason;
    };
  }
}
