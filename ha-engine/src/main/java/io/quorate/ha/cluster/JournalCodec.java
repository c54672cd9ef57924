package io.quorate.ha.cluster;

import io.quorate.ha.model.JournalEntry;
import io.quorate.ha.model.MemberName;
import io.quorate.store.Bytes;
import io.quorate.store.Op;
import io.quorate.store.Txn;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The journal in the store: {@code quorate/journal/<member>/<slot>}, a ring of {@value #SLOTS}
 * slots for each member, each with what was written at once. Bounded therefore: {@value #SLOTS} ×
 * {@value #BATCH_MAX_BYTES} bytes for each member.
 */
public final class JournalCodec {

  /** Slots of a member's ring. */
  public static final int SLOTS = 24;

  /** No value is longer. */
  public static final int BATCH_MAX_BYTES = 4096;

  private static final int TEXT_MAX = 400;
  private static final int ENTRIES_MAX = 16;

  private JournalCodec() {}

  /** Some of {@code waiting}, from the first on, as one value: as many as fit. */
  public static Batch batch(long number, List<JournalEntry> waiting) {
    ObjectNode node = Json.object().put("format", 1).put("batch", number);
    ArrayNode entries = node.putArray("entries");
    Bytes value = Json.bytes(node);
    int taken = 0;
    for (JournalEntry entry : waiting.subList(0, Math.min(ENTRIES_MAX, waiting.size()))) {
      entries
          .addObject()
          .put("at", entry.at().toString())
          .put("kind", entry.kind().name())
          .put("code", cut(entry.code()))
          .put("text", cut(entry.text()));
      Bytes longer = Json.bytes(node);
      if (longer.size() > BATCH_MAX_BYTES) {
        break;
      }
      value = longer;
      taken++;
    }
    return new Batch(number, taken, value);
  }

  /**
   * A value to be written.
   *
   * @param taken how many entries it holds; at least one, unless there was none
   */
  public record Batch(long number, int taken, Bytes value) {}

  private static String cut(String text) {
    return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX - 1) + "…";
  }

  /** Writes {@code batch} over the oldest of {@code member}. */
  public static Txn write(ClusterKeys keys, MemberName member, Batch batch) {
    return Txn.of(
        Op.put(keys.journal(member, Math.floorMod(batch.number(), SLOTS)), batch.value()));
  }

  /** What stands under {@code key}; nothing when it is no part of the journal or not readable. */
  public static List<JournalEntry> read(ClusterKeys keys, Bytes key, Bytes value) {
    String[] path = keys.relative(key).split("/", -1);
    Optional<JsonNode> json = Json.read(value);
    List<JournalEntry> entries = new ArrayList<>();
    if (path.length != 4 || json.isEmpty()) {
      return entries;
    }
    try {
      MemberName member = new MemberName(path[2]);
      long number = Json.requiredNumber(json.get(), "batch");
      for (JsonNode entry : json.get().path("entries")) {
        entries.add(
            new JournalEntry(
                member,
                number,
                entries.size(),
                Instant.parse(Json.requiredText(entry, "at")),
                JournalEntry.Kind.valueOf(Json.requiredText(entry, "kind")),
                Json.requiredText(entry, "code"),
                Json.requiredText(entry, "text")));
      }
    } catch (IllegalArgumentException | DateTimeException e) {
      // Another version's, or damaged: what could be read is shown.
      return entries;
    }
    return entries;
  }
}
