package io.quorate.ha.cluster;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Wish;
import io.quorate.store.Bytes;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Values of {@code quorate/intent/…}, and of Patroni's {@code failover} derived from them. */
final class IntentCodec {

  private static final int FORMAT = 1;

  private IntentCodec() {}

  static Bytes encode(Intent intent) {
    ObjectNode node = Json.object().put("format", FORMAT);
    node.put("id", intent.id());
    node.put("requester", intent.requester());
    node.put("asked_at", intent.askedAt().toString());
    wish(node.putObject("wish"), intent.wish());
    progress(node.putObject("progress"), intent.progress());
    return Json.bytes(node);
  }

  /** Patroni's view of a wish in {@link Wish#PRIMARY_SLOT}; {@code {}} once it is finished. */
  static Bytes failover(Intent intent) {
    ObjectNode node = Json.object();
    if (intent.open()) {
      switch (intent.wish()) {
        case Wish.Switchover s -> {
          s.leader().ifPresent(name -> node.put("leader", name.value()));
          s.candidate().ifPresent(name -> node.put("member", name.value()));
          s.scheduledAt().ifPresent(at -> node.put("scheduled_at", at.toString()));
        }
        case Wish.Failover f -> node.put("member", f.candidate().value());
        case Wish.Restart _, Wish.Reload _, Wish.Reinit _ -> {}
      }
    }
    return Json.bytes(node);
  }

  private static void wish(ObjectNode node, Wish wish) {
    wish.scheduledAt().ifPresent(at -> node.put("scheduled_at", at.toString()));
    switch (wish) {
      case Wish.Switchover s -> {
        node.put("kind", "switchover");
        s.leader().ifPresent(name -> node.put("leader", name.value()));
        s.candidate().ifPresent(name -> node.put("candidate", name.value()));
      }
      case Wish.Failover f -> {
        node.put("kind", "failover");
        node.put("candidate", f.candidate().value());
        node.put("accept_data_loss", f.acceptDataLoss());
      }
      case Wish.Restart r -> {
        node.put("kind", "restart");
        node.put("member", r.member().value());
        r.only().role().ifPresent(role -> node.put("role", role.text()));
        r.only().versionBelow().ifPresent(version -> node.put("version_below", version));
        node.put("pending", r.only().pending());
        r.timeout().ifPresent(timeout -> node.put("timeout_ms", timeout.toMillis()));
      }
      case Wish.Reload r -> node.put("kind", "reload").put("member", r.member().value());
      case Wish.Reinit r -> node.put("kind", "reinit").put("member", r.member().value());
    }
  }

  private static void progress(ObjectNode node, Intent.Progress progress) {
    node.put("state", progress.state().name());
    node.put("reason", progress.reason());
    node.put("epoch", progress.epoch().value());
    progress.candidate().ifPresent(name -> node.put("candidate", name.value()));
    progress
        .end()
        .ifPresent(end -> {
          node.put("timeline", end.timeline().value());
          node.put("lsn", end.lsn().value());
        });
    progress.mark().ifPresent(mark -> node.put("mark", mark));
    progress.code().ifPresent(code -> node.put("code", code.name()));
  }

  static Intent decode(JsonNode node, long modRevision) {
    long format = Json.requiredNumber(node, "format");
    if (format != FORMAT) {
      throw new IllegalArgumentException("format " + format + " is not known to this version");
    }
    return new Intent(
        Json.requiredText(node, "id"),
        wish(node.path("wish")),
        Json.requiredText(node, "requester"),
        instant(Json.requiredText(node, "asked_at")),
        progress(node.path("progress")),
        modRevision);
  }

  private static Wish wish(JsonNode node) {
    Optional<Instant> scheduledAt = Json.text(node, "scheduled_at").map(IntentCodec::instant);
    String kind = Json.requiredText(node, "kind");
    return switch (kind) {
      case "switchover" ->
          new Wish.Switchover(
              Json.text(node, "leader").map(MemberName::new),
              Json.text(node, "candidate").map(MemberName::new),
              scheduledAt);
      case "failover" ->
          new Wish.Failover(
              new MemberName(Json.requiredText(node, "candidate")),
              Json.flag(node, "accept_data_loss"));
      case "restart" ->
          new Wish.Restart(
              member(node),
              scheduledAt,
              new Wish.Only(
                  Json.text(node, "role").map(IntentCodec::role),
                  MemberCodec.boxed(Json.number(node, "version_below")).map(Long::intValue),
                  Json.flag(node, "pending")),
              MemberCodec.boxed(Json.number(node, "timeout_ms")).map(Duration::ofMillis));
      case "reload" -> new Wish.Reload(member(node));
      case "reinit" -> new Wish.Reinit(member(node));
      default -> throw new IllegalArgumentException("unknown kind of wish: " + kind);
    };
  }

  private static MemberName member(JsonNode node) {
    return new MemberName(Json.requiredText(node, "member"));
  }

  private static PatroniRole role(String text) {
    return Arrays.stream(PatroniRole.values())
        .filter(role -> role.text().equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown role: " + text));
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("not a time: " + text, e);
    }
  }

  private static Intent.Progress progress(JsonNode node) {
    return new Intent.Progress(
        Intent.State.valueOf(Json.requiredText(node, "state")),
        Json.requiredText(node, "reason"),
        new Epoch(Json.requiredNumber(node, "epoch")),
        Json.text(node, "candidate").map(MemberName::new),
        MemberCodec.boxed(Json.number(node, "timeline"))
            .map(timeline ->
                new EndOfWal(
                    new TimelineId(timeline.intValue()),
                    new Lsn(Json.requiredNumber(node, "lsn")))),
        Json.text(node, "mark"),
        Json.text(node, "code").map(Refusal.Code::valueOf));
  }
}
