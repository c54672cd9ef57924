package io.quorate.rpc.rest;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.time.BootTime;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The status document of {@code /patroni} and of every health check, in Patroni's field order. */
final class StatusJson {

  private StatusJson() {}

  static ObjectNode of(NodeSnapshot snapshot, BootTime now) {
    HealthFacts facts = HealthFacts.of(snapshot, now);
    ObjectNode json = PythonJson.object();
    switch (snapshot.postgres()) {
      case PostgresStatus.None _ when facts.fresh() ->
          json.put("state", snapshot.state().text()).put("role", snapshot.role().text());
      case PostgresStatus.Primary primary when facts.fresh() -> primary(json, snapshot, primary);
      case PostgresStatus.Standby standby when facts.fresh() ->
          standby(json, snapshot, standby, facts);
      case PostgresStatus.Primary _, PostgresStatus.Standby _ -> silent(json, snapshot);
      case PostgresStatus.Unobserved _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Stopped _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _ ->
          silent(json, snapshot);
    }
    common(json, snapshot, now);
    return json;
  }

  private static void silent(ObjectNode json, NodeSnapshot snapshot) {
    PatroniState state = snapshot.state();
    json.put("state", (state == PatroniState.RUNNING ? PatroniState.UNKNOWN : state).text());
    json.put("role", snapshot.role().text());
  }

  private static void primary(
      ObjectNode json, NodeSnapshot snapshot, PostgresStatus.Primary primary) {
    json.put("state", snapshot.state().text());
    json.put("postmaster_start_time", PythonJson.time(primary.postmasterStart()));
    json.put("role", "primary");
    json.put("server_version", primary.serverVersion());
    json.putObject("xlog").put("location", primary.flush().value());
    json.put("timeline", primary.timeline().value());
    if (!primary.replication().isEmpty()) {
      ArrayNode senders = json.putArray("replication");
      for (PostgresStatus.Replication sender : primary.replication()) {
        senders
            .addObject()
            .put("usename", sender.userName())
            .put("application_name", sender.applicationName())
            .put("client_addr", sender.clientAddress())
            .put("state", sender.state())
            .put("sync_state", sender.syncState())
            .put("sync_priority", sender.syncPriority());
      }
    }
  }

  private static void standby(
      ObjectNode json, NodeSnapshot snapshot, PostgresStatus.Standby standby, HealthFacts facts) {
    json.put("state", snapshot.state().text());
    json.put("postmaster_start_time", PythonJson.time(standby.postmasterStart()));
    json.put("role", "replica");
    json.put("server_version", standby.serverVersion());
    ObjectNode xlog = json.putObject("xlog");
    xlog.put("received_location", standby.receive().map(lsn -> lsn.value()).orElse(0L));
    xlog.put("replayed_location", standby.replay().value());
    standby
        .replayedAt()
        .ifPresentOrElse(
            at -> xlog.put("replayed_timestamp", PythonJson.time(at)),
            () -> xlog.putNull("replayed_timestamp"));
    xlog.put("paused", standby.replayPaused());
    if (facts.quorum()) {
      json.put("quorum_standby", true);
    }
    timeline(snapshot, standby).ifPresent(timeline -> json.put("timeline", timeline.value()));
    if (standby.streaming()) {
      json.put("replication_state", "streaming");
    }
  }

  /** What it receives on, else what it published. */
  private static Optional<TimelineId> timeline(
      NodeSnapshot snapshot, PostgresStatus.Standby standby) {
    return standby
        .receiverTimeline()
        .or(() ->
            snapshot
                .cluster()
                .flatMap(view -> Optional.ofNullable(view.members().get(snapshot.name())))
                .flatMap(member -> member.timeline()));
  }

  private static void common(ObjectNode json, NodeSnapshot snapshot, BootTime now) {
    if (snapshot.settings().pause()) {
      json.put("pause", true);
    }
    if (isUnlocked(snapshot, now)) {
      json.put("cluster_unlocked", true);
    }
    json.put("dcs_last_seen", snapshot.seenAt().map(Instant::getEpochSecond).orElse(0L));
    if (!snapshot.tags().all().isEmpty()) {
      tags(json.putObject("tags"), snapshot.tags().all());
    }
    OptionalLong system = systemIdentifier(snapshot);
    if (system.isPresent()) {
      json.put("database_system_identifier", Long.toUnsignedString(system.getAsLong()));
    }
    json.putObject("patroni")
        .put("version", snapshot.version())
        .put("scope", snapshot.scope())
        .put("name", snapshot.name().value());
  }

  static boolean isUnlocked(NodeSnapshot snapshot, BootTime now) {
    return !Views.isKnown(snapshot, now)
        || snapshot.cluster().flatMap(ClusterView::leader).isEmpty();
  }

  private static OptionalLong systemIdentifier(NodeSnapshot snapshot) {
    return switch (snapshot.postgres()) {
      case PostgresStatus.Primary primary -> OptionalLong.of(primary.systemIdentifier());
      case PostgresStatus.Standby standby -> OptionalLong.of(standby.systemIdentifier());
      case PostgresStatus.Stopped stopped -> OptionalLong.of(stopped.control().systemIdentifier());
      case PostgresStatus.Unobserved _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _ ->
          snapshot.cluster().map(ClusterView::systemIdentifier).orElse(OptionalLong.empty());
    };
  }

  /** Tags as the type that YAML gave them. */
  static void tags(ObjectNode json, Map<String, String> tags) {
    tags.forEach((key, value) -> {
      switch (value) {
        case "true" -> json.put(key, true);
        case "false" -> json.put(key, false);
        default -> {
          if (value.matches("-?(0|[1-9][0-9]{0,8})")) {
            json.put(key, Integer.parseInt(value));
          } else {
            json.put(key, value);
          }
        }
      }
    });
  }
}
