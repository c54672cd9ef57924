package io.quorate.rpc.rest;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.Wish;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The document of {@code /cluster}. */
final class ClusterJson {

  private ClusterJson() {}

  static ObjectNode of(NodeSnapshot snapshot) {
    ObjectNode json = PythonJson.object();
    ArrayNode members = json.putArray("members");
    snapshot
        .cluster()
        .ifPresent(view ->
            view.members().values().forEach(member -> member(members.addObject(), member, view)));
    if (snapshot.settings().pause()) {
      json.put("pause", true);
    }
    snapshot
        .cluster()
        .flatMap(view -> view.openIntent(Wish.PRIMARY_SLOT))
        .ifPresent(intent -> scheduled(json, intent));
    json.put("scope", snapshot.scope());
    return json;
  }

  private static void scheduled(ObjectNode json, Intent intent) {
    if (intent.wish() instanceof Wish.Switchover switchover
        && switchover.scheduledAt().isPresent()) {
      ObjectNode shown = json.putObject("scheduled_switchover");
      shown.put("at", iso(switchover.scheduledAt().get()));
      switchover.leader().ifPresent(name -> shown.put("from", name.value()));
      switchover.candidate().ifPresent(name -> shown.put("to", name.value()));
    }
  }

  private static String iso(Instant at) {
    return at.toString().replaceFirst("Z$", "+00:00");
  }

  /** What waits for a restart of its PostgreSQL, and a restart that waits for its time. */
  private static void restart(ObjectNode json, MemberInfo member, ClusterView view) {
    if (!member.pendingRestart().isEmpty()) {
      json.put("pending_restart", true);
      ObjectNode reason = json.putObject("pending_restart_reason");
      member
          .pendingRestart()
          .forEach(setting ->
              reason
                  .putObject(setting.name())
                  .put("old_value", setting.now())
                  .put("new_value", setting.next()));
    }
    view.openIntent("restart/" + member.name())
        .flatMap(intent -> intent.wish().scheduledAt())
        .ifPresent(at -> json.putObject("scheduled_restart").put("schedule", iso(at)));
  }

  private static void member(ObjectNode json, MemberInfo member, ClusterView view) {
    boolean leader = view.leader().filter(l -> l.holder().equals(member.name())).isPresent();
    json.put("name", member.name().value());
    json.put("role", leader ? "leader" : member.isWitness() ? "witness" : "replica");
    json.put("state", !leader && member.streaming() ? "streaming" : member.state().text());
    json.put("api_url", member.apiUrl());
    if (!member.host().isEmpty()) {
      json.put("host", member.host());
      if (!member.isWitness()) {
        json.put("port", member.port());
      }
    }
    member.timeline().ifPresent(timeline -> json.put("timeline", timeline.value()));
    restart(json, member, view);
    if (!member.tags().all().isEmpty()) {
      StatusJson.tags(json.putObject("tags"), member.tags().all());
    }
    if (!leader && !member.isWitness()) {
      position(json, "receive_lag", "receive_lsn", member.receive(), view);
      position(json, "replay_lag", "replay_lsn", member.replay(), view);
      position(json, "lag", "lsn", member.position(), view);
    }
  }

  private static void position(
      ObjectNode json, String lagKey, String lsnKey, Optional<Lsn> lsn, ClusterView view) {
    if (lsn.isEmpty()) {
      json.put(lagKey, "unknown");
      json.put(lsnKey, "unknown");
      return;
    }
    json.put(
        lagKey, view.published().map(end -> Math.max(0, end.bytesSince(lsn.get()))).orElse(0L));
    json.put(lsnKey, lsn.get().toString());
  }
}
