package io.quorate.rpc.rest;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeSnapshot;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The document of {@code /failovers}: every kept report of a change of primary, oldest first. */
final class FailoversJson {

  private FailoversJson() {}

  static ArrayNode of(NodeSnapshot snapshot) {
    ArrayNode json = PythonJson.array();
    snapshot
        .cluster()
        .map(ClusterView::failovers)
        .ifPresent(reports -> reports.values().forEach(report -> report(json.addObject(), report)));
    return json;
  }

  private static void report(ObjectNode json, FailoverReport report) {
    json.put("epoch", report.epoch().value());
    json.put("cause", report.cause());
    json.put("at", report.at());
    report
        .oldPrimary()
        .ifPresentOrElse(
            name -> json.put("old_primary", name.value()), () -> json.putNull("old_primary"));
    json.put("new_primary", report.newPrimary().value());
    json.put("old_timeline", report.oldTimeline().value());
    json.put("new_timeline", report.newTimeline().value());
    json.put("promoted_at", report.promotedAt().toString());
    ObjectNode counted = json.putObject("counted");
    report
        .counted()
        .forEach((member, end) ->
            counted
                .putObject(member.value())
                .put("timeline", end.timeline().value())
                .put("lsn", end.lsn().toString()));
    ObjectNode steps = json.putObject("steps_ms");
    report.steps().forEach((step, millis) -> steps.put(step, millis));
    loss(json.putObject("loss"), report.loss());
  }

  private static void loss(ObjectNode json, FailoverReport.Loss loss) {
    switch (loss) {
      case FailoverReport.Loss.NotYetKnown _ -> json.put("kind", "not yet known");
      case FailoverReport.Loss.None _ -> json.put("kind", "none");
      case FailoverReport.Loss.Range(Lsn from, Lsn to, long commits, Optional<String> keptAt) -> {
        json.put("kind", "range");
        json.put("from", from.toString());
        json.put("to", to.toString());
        json.put("commits", commits);
        keptAt.ifPresent(where -> json.put("kept_at", where));
      }
      case FailoverReport.Loss.CannotBeKnown(String reason) -> {
        json.put("kind", "cannot be known");
        json.put("reason", reason);
      }
    }
  }
}
