package io.quorate.ha.cluster;

import io.quorate.ha.model.HistoryEntry;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import io.quorate.store.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The {@code history} key: Patroni's list of {@code [timeline, lsn, reason, at, new primary]}. */
public final class HistoryCodec {

  private HistoryCodec() {}

  /** The entries, oldest first; what is no entry is left out. */
  public static List<HistoryEntry> entries(String historyJson) {
    Optional<JsonNode> list = Json.read(Bytes.utf8(historyJson)).filter(JsonNode::isArray);
    List<HistoryEntry> entries = new ArrayList<>();
    for (JsonNode entry : list.map(node -> node.valueStream().toList()).orElse(List.of())) {
      if (entry.path(0).canConvertToInt() && entry.path(1).canConvertToLong()) {
        entries.add(
            new HistoryEntry(
                new TimelineId(entry.path(0).intValue()),
                new Lsn(entry.path(1).longValue()),
                entry.path(2).asString(""),
                entry.path(3).asString(""),
                entry.path(4).asString("")));
      }
    }
    return List.copyOf(entries);
  }
}
