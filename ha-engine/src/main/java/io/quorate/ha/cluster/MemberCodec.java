package io.quorate.ha.cluster;

import io.quorate.ha.model.CopyProgress;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.TimelineId;
import io.quorate.store.Bytes;
import java.net.URI;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Patroni's member value, with what it has no field for below {@code "quorate"}. */
final class MemberCodec {

  private MemberCodec() {}

  static Bytes encode(MemberInfo member) {
    ObjectNode node = Json.object();
    if (!member.isWitness()) {
      node.put("conn_url", "postgres://" + hostPort(member.host(), member.port()) + "/postgres");
    }
    node.put("api_url", member.apiUrl());
    node.put("state", member.state().text());
    node.put("role", member.role().text());
    node.put("version", member.version());
    if (!member.tags().all().isEmpty()) {
      ObjectNode tags = node.putObject("tags");
      member.tags().all().forEach((key, value) -> putTag(tags, key, value));
    }
    member.position().ifPresent(lsn -> node.put("xlog_location", lsn.value()));
    member.replay().ifPresent(lsn -> node.put("replay_lsn", lsn.value()));
    member.receive().ifPresent(lsn -> node.put("receive_lsn", lsn.value()));
    if (member.streaming()) {
      node.put("replication_state", "streaming");
    }
    member.timeline().ifPresent(timeline -> node.put("timeline", timeline.value()));
    ObjectNode own = node.putObject("quorate");
    own.put("run_id", member.runId());
    own.put("grpc_address", member.grpcAddress());
    own.put("nofailover", member.tags().noFailover());
    own.put("failover_priority", member.tags().failoverPriority());
    member.dataId().ifPresent(id -> own.put("data_id", id.value()));
    member
        .attached()
        .ifPresent(a -> {
          ObjectNode attached = own.putObject("attached");
          attached.put("epoch", a.epoch().value());
          attached.put("timeline", a.end().timeline().value());
          attached.put("lsn", a.end().lsn().value());
        });
    member.problem().ifPresent(problem -> own.put("problem", problem));
    member.replayHeld().ifPresent(why -> own.put("replay_held", why));
    if (!member.pendingRestart().isEmpty()) {
      node.put("pending_restart", true);
      ObjectNode reason = node.putObject("pending_restart_reason");
      member
          .pendingRestart()
          .forEach(setting ->
              reason
                  .putObject(setting.name())
                  .put("old_value", setting.now())
                  .put("new_value", setting.next()));
    }
    member
        .copy()
        .ifPresent(copy ->
            own.putObject("copy")
                .put("done", copy.done())
                .put("total", copy.total())
                .put("bytes_per_second", copy.bytesPerSecond()));
    return Json.bytes(node);
  }

  static MemberInfo decode(MemberName name, JsonNode node) {
    PatroniRole role = role(Json.text(node, "role").orElse(""));
    boolean witness = role == PatroniRole.WITNESS;
    URI url = URI.create(Json.requiredText(node, witness ? "api_url" : "conn_url"));
    JsonNode own = node.path("quorate");
    TreeMap<String, String> tags = new TreeMap<>();
    node.path("tags").properties().forEach(e -> tags.put(e.getKey(), e.getValue().asString()));
    return new MemberInfo(
        name,
        Json.text(own, "run_id").orElse(""),
        url.getHost() == null ? "" : unbracket(url.getHost()),
        witness ? 0 : url.getPort() < 0 ? 5432 : url.getPort(),
        Json.text(node, "api_url").orElse(""),
        Json.text(own, "grpc_address").orElse(""),
        state(Json.text(node, "state").orElse("")),
        role,
        Json.text(node, "version").orElse(""),
        new MemberTags(
            Json.flag(own, "nofailover"),
            (int) Json.number(own, "failover_priority").orElse(1),
            tags),
        Json.text(node, "replication_state").filter("streaming"::equals).isPresent(),
        boxed(Json.number(node, "timeline")).map(t -> new TimelineId(t.intValue())),
        boxed(Json.number(node, "xlog_location")).map(Lsn::new),
        boxed(Json.number(node, "receive_lsn")).map(Lsn::new),
        boxed(Json.number(node, "replay_lsn")).map(Lsn::new),
        Json.text(own, "data_id").map(DataId::new),
        attached(own.path("attached")),
        Json.text(own, "problem"),
        node.path("pending_restart_reason").properties().stream()
            .map(e ->
                new PendingSetting(
                    e.getKey(),
                    Json.text(e.getValue(), "old_value").orElse("?"),
                    Json.text(e.getValue(), "new_value").orElse("?")))
            .toList(),
        copy(own.path("copy")),
        Json.text(own, "replay_held"));
  }

  private static Optional<CopyProgress> copy(JsonNode node) {
    return node.isObject()
        ? Optional.of(
            new CopyProgress(
                Json.requiredNumber(node, "done"),
                Json.requiredNumber(node, "total"),
                Json.requiredNumber(node, "bytes_per_second")))
        : Optional.empty();
  }

  private static Optional<MemberInfo.Attachment> attached(JsonNode node) {
    return node.isObject()
        ? Optional.of(
            new MemberInfo.Attachment(
                new Epoch(Json.requiredNumber(node, "epoch")),
                new EndOfWal(
                    new TimelineId((int) Json.requiredNumber(node, "timeline")),
                    new Lsn(Json.requiredNumber(node, "lsn")))))
        : Optional.empty();
  }

  static Optional<Long> boxed(OptionalLong number) {
    return number.isPresent() ? Optional.of(number.getAsLong()) : Optional.empty();
  }

  private static void putTag(ObjectNode tags, String key, String value) {
    switch (value) {
      case "true" -> tags.put(key, true);
      case "false" -> tags.put(key, false);
      default -> {
        if (value.matches("-?[0-9]{1,9}")) {
          tags.put(key, Integer.parseInt(value));
        } else {
          tags.put(key, value);
        }
      }
    }
  }

  private static String hostPort(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static String unbracket(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static PatroniState state(String text) {
    return Arrays.stream(PatroniState.values())
        .filter(s -> s.text().equals(text))
        .findFirst()
        .orElse(PatroniState.UNKNOWN);
  }

  private static PatroniRole role(String text) {
    return Arrays.stream(PatroniRole.values())
        .filter(r -> r.text().equals(text))
        .findFirst()
        .orElse(PatroniRole.REPLICA);
  }
}
