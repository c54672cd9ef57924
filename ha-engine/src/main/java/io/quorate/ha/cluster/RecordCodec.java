package io.quorate.ha.cluster;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.model.TimelineId;
import io.quorate.store.Bytes;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Values of the keys below {@code quorate/}. Each carries a format number. */
final class RecordCodec {

  private static final int FORMAT = 1;

  private RecordCodec() {}

  private static ObjectNode begin() {
    return Json.object().put("format", FORMAT);
  }

  private static void checkFormat(JsonNode node) {
    long format = Json.requiredNumber(node, "format");
    if (format != FORMAT) {
      throw new IllegalArgumentException("format " + format + " is not known to this version");
    }
  }

  /** The epoch itself is the key's mod revision. */
  static Bytes epoch(
      MemberName holder,
      DataId dataId,
      TimelineId timeline,
      SyncRecord sync,
      EpochRecord.Cause cause) {
    ObjectNode node = begin();
    node.put("holder", holder.value());
    node.put("data_id", dataId.value());
    node.put("timeline", timeline.value());
    node.put("cause", cause.name());
    switch (sync) {
      case SyncRecord.Async() -> node.put("sync", "async");
      case SyncRecord.Quorum quorum -> {
        ObjectNode voters = node.putObject("voters");
        quorum.voters().forEach((name, id) -> voters.put(name.value(), id.value()));
        node.put("k", quorum.k());
      }
    }
    return Json.bytes(node);
  }

  static EpochRecord epoch(JsonNode node, long modRevision) {
    checkFormat(node);
    SyncRecord sync;
    if (node.path("voters").isObject()) {
      TreeMap<MemberName, DataId> voters = new TreeMap<>();
      node.path("voters")
          .properties()
          .forEach(
              e -> voters.put(new MemberName(e.getKey()), new DataId(e.getValue().stringValue())));
      sync = new SyncRecord.Quorum(voters, (int) Json.requiredNumber(node, "k"));
    } else {
      sync = new SyncRecord.Async();
    }
    return new EpochRecord(
        new Epoch(modRevision),
        new MemberName(Json.requiredText(node, "holder")),
        new DataId(Json.requiredText(node, "data_id")),
        new TimelineId((int) Json.requiredNumber(node, "timeline")),
        sync,
        EpochRecord.Cause.valueOf(Json.requiredText(node, "cause")));
  }

  static Bytes pledge(Pledge pledge) {
    ObjectNode node = begin();
    node.put("round", pledge.round().value());
    node.put("data_id", pledge.dataId().value());
    node.put("timeline", pledge.end().timeline().value());
    node.put("lsn", pledge.end().lsn().value());
    node.put("replay", pledge.replay().value());
    node.put("priority", pledge.priority());
    node.put("may_be_primary", pledge.mayBePrimary());
    return Json.bytes(node);
  }

  static Pledge pledge(MemberName member, JsonNode node, long modRevision) {
    checkFormat(node);
    return new Pledge(
        member,
        new Epoch(Json.requiredNumber(node, "round")),
        new DataId(Json.requiredText(node, "data_id")),
        new EndOfWal(
            new TimelineId((int) Json.requiredNumber(node, "timeline")),
            new Lsn(Json.requiredNumber(node, "lsn"))),
        new Lsn(Json.requiredNumber(node, "replay")),
        (int) Json.requiredNumber(node, "priority"),
        Json.flag(node, "may_be_primary"),
        modRevision);
  }

  static Bytes branch(Branch branch) {
    ObjectNode node = begin();
    node.put("epoch", branch.epoch().value());
    node.put("parent", branch.parent().value());
    node.put("fork", branch.fork().value());
    return Json.bytes(node);
  }

  static Branch branch(TimelineId timeline, JsonNode node) {
    checkFormat(node);
    return new Branch(
        new Epoch(Json.requiredNumber(node, "epoch")),
        timeline,
        new TimelineId((int) Json.requiredNumber(node, "parent")),
        new Lsn(Json.requiredNumber(node, "fork")));
  }

  static Bytes release(ClusterView.Release release) {
    ObjectNode node = begin();
    node.put("epoch", release.epoch().value());
    node.put("why", release.why());
    node.put("planned", release.planned());
    return Json.bytes(node);
  }

  static ClusterView.Release release(JsonNode node) {
    checkFormat(node);
    return new ClusterView.Release(
        new Epoch(Json.requiredNumber(node, "epoch")),
        Json.requiredText(node, "why"),
        Json.flag(node, "planned"));
  }

  static Bytes report(FailoverReport report) {
    ObjectNode node = begin();
    node.put("cause", report.cause());
    node.put("at", report.at());
    report.oldPrimary().ifPresent(name -> node.put("old_primary", name.value()));
    node.put("new_primary", report.newPrimary().value());
    node.put("old_timeline", report.oldTimeline().value());
    node.put("new_timeline", report.newTimeline().value());
    node.put("promoted_at", report.promotedAt().toString());
    ObjectNode steps = node.putObject("steps_ms");
    report.steps().forEach(steps::put);
    ObjectNode counted = node.putObject("counted");
    report
        .counted()
        .forEach((member, end) ->
            counted
                .putObject(member.value())
                .put("timeline", end.timeline().value())
                .put("lsn", end.lsn().toString()));
    node.put("automatic", report.automatic());
    ObjectNode loss = node.putObject("loss");
    switch (report.loss()) {
      case FailoverReport.Loss.NotYetKnown() -> loss.put("kind", "not yet known");
      case FailoverReport.Loss.None() -> loss.put("kind", "none");
      case FailoverReport.Loss.CannotBeKnown(String reason) ->
          loss.put("kind", "cannot be known").put("reason", reason);
      case FailoverReport.Loss.Range range -> {
        loss.put("kind", "range");
        loss.put("from", range.from().toString());
        loss.put("to", range.to().toString());
        loss.put("commits", range.commits());
        range.keptAt().ifPresent(at -> loss.put("kept_at", at));
      }
    }
    return Json.bytes(node);
  }

  static FailoverReport report(Epoch epoch, JsonNode node) {
    checkFormat(node);
    TreeMap<String, Long> steps = new TreeMap<>();
    node.path("steps_ms").properties().forEach(e -> steps.put(e.getKey(), e.getValue().asLong()));
    return new FailoverReport(
        epoch,
        Json.requiredText(node, "cause"),
        Json.requiredText(node, "at"),
        Json.text(node, "old_primary").map(MemberName::new),
        new MemberName(Json.requiredText(node, "new_primary")),
        new TimelineId((int) Json.requiredNumber(node, "old_timeline")),
        new TimelineId((int) Json.requiredNumber(node, "new_timeline")),
        Lsn.parse(Json.requiredText(node, "promoted_at")),
        steps,
        counted(node.path("counted")),
        Json.flag(node, "automatic"),
        loss(node.path("loss")));
  }

  private static SortedMap<MemberName, EndOfWal> counted(JsonNode node) {
    TreeMap<MemberName, EndOfWal> counted = new TreeMap<>();
    node.properties()
        .forEach(e ->
            counted.put(
                new MemberName(e.getKey()),
                new EndOfWal(
                    new TimelineId((int) Json.requiredNumber(e.getValue(), "timeline")),
                    Lsn.parse(Json.requiredText(e.getValue(), "lsn")))));
    return counted;
  }

  private static FailoverReport.Loss loss(JsonNode node) {
    String kind = Json.requiredText(node, "kind");
    return switch (kind) {
      case "not yet known" -> new FailoverReport.Loss.NotYetKnown();
      case "none" -> new FailoverReport.Loss.None();
      case "cannot be known" ->
          new FailoverReport.Loss.CannotBeKnown(Json.requiredText(node, "reason"));
      case "range" ->
          new FailoverReport.Loss.Range(
              Lsn.parse(Json.requiredText(node, "from")),
              Lsn.parse(Json.requiredText(node, "to")),
              Json.requiredNumber(node, "commits"),
              Json.text(node, "kept_at"));
      default -> throw new IllegalArgumentException("unknown kind of loss: " + kind);
    };
  }
}
