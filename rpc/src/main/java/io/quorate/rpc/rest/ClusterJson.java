package io.quorate.rpc.rest;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.NodeSnapshot;
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
    json.put("scope", snapshot.scope());
    return json;
  }

  private static void member(ObjectNode json, MemberInfo member, ClusterView view) {
    boolean leader = view.leader().filter(l -> l.holder().equals(member.name())).isPresent();
    json.put("name", member.name().value());
    json.put("role", leader ? "leader" : "replica");
    json.put("state", !leader && member.streaming() ? "streaming" : member.state().text());
    json.put("api_url", member.apiUrl());
    if (!member.host().isEmpty()) {
      json.put("host", member.host());
      json.put("port", member.port());
    }
    member.timeline().ifPresent(timeline -> json.put("timeline", timeline.value()));
    if (!member.tags().all().isEmpty()) {
      StatusJson.tags(json.putObject("tags"), member.tags().all());
    }
    if (!leader) {
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
