package io.quorate.ha.node;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PromotionNote;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.NodeStateStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@link NodeState} as the JSON file {@code node-state.json} in the agent's own directory. One
 * thread writes, so that saves are ordered; each is flushed, file and directory, before it counts.
 */
public final class NodeFiles implements NodeStateStore, AutoCloseable {

  /** Name of the file. */
  public static final String FILE_NAME = "node-state.json";

  private static final int FORMAT = 1;
  private static final Logger LOG = LoggerFactory.getLogger(NodeFiles.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path directory;
  private final Path file;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("quorate-node-files").daemon(true).factory());

  /** Keeps the state in {@code stateDir}, which is made at the first save where it is missing. */
  public NodeFiles(Path stateDir) {
    this.directory = stateDir;
    this.file = stateDir.resolve(FILE_NAME);
  }

  @Override
  public NodeState load() {
    if (!Files.exists(file)) {
      return NodeState.EMPTY;
    }
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (JacksonException | IllegalArgumentException | ArithmeticException e) {
      throw new UncheckedIOException(
          new IOException(
              file
                  + " is damaged ("
                  + firstLine(String.valueOf(e.getMessage()))
                  + "). It holds this member's promises, so it is not replaced by an empty one."
                  + " Restore it from a backup, or move it and the data directory away: the member"
                  + " then joins as a new one",
              e));
    }
  }

  @Override
  public CompletionStage<Boolean> save(NodeState state) {
    return CompletableFuture.supplyAsync(() -> write(state), writer);
  }

  /** Waits for nothing; saves handed in before are still written. */
  @Override
  public void close() {
    writer.shutdown();
  }

  private boolean write(NodeState state) {
    try {
      DurableFiles.makeDirectory(directory);
      DurableFiles.write(file, print(state));
      return true;
    } catch (IOException e) {
      LOG.error("the member's state could not be written to {}: {}", file, e.toString());
      return false;
    }
  }

  private static String print(NodeState state) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    state.dataId().ifPresent(id -> root.put("data_id", id.value()));
    root.put("floor", state.floor().value());
    state
        .hold()
        .ifPresent(hold -> {
          ObjectNode node = root.putObject("hold");
          node.put("epoch", hold.epoch().value());
          node.put("lease", hold.leaseId());
        });
    ArrayNode promotions = root.putArray("promotions");
    for (PromotionNote note : state.promotions()) {
      ObjectNode node = promotions.addObject();
      node.put("epoch", note.epoch().value());
      node.put("from_timeline", note.from().timeline().value());
      node.put("from_lsn", note.from().lsn().toString());
      node.put("to_timeline", note.to().value());
    }
    state.unfinished().ifPresent(what -> root.put("unfinished", what.name()));
    if (state.paused()) {
      root.put("paused", true);
    }
    if (state.standby()) {
      root.put("standby", true);
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static NodeState parse(String text) {
    JsonNode root = JSON.readTree(text);
    int format = integer(root, "format");
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "format " + format + " is not known to this version, which knows " + FORMAT);
    }
    List<PromotionNote> promotions = new ArrayList<>();
    JsonNode notes = required(root, "promotions");
    if (!notes.isArray()) {
      throw new IllegalArgumentException("\"promotions\" is not a list: " + notes);
    }
    for (JsonNode node : notes) {
      promotions.add(
          new PromotionNote(
              new Epoch(number(node, "epoch")),
              new EndOfWal(
                  new TimelineId(integer(node, "from_timeline")),
                  Lsn.parse(text(node, "from_lsn"))),
              new TimelineId(integer(node, "to_timeline"))));
    }
    Optional<NodeState.HoldNote> hold =
        root.has("hold")
            ? Optional.of(
                new NodeState.HoldNote(
                    new Epoch(number(root.path("hold"), "epoch")),
                    number(root.path("hold"), "lease")))
            : Optional.empty();
    return new NodeState(
        root.has("data_id") ? Optional.of(new DataId(text(root, "data_id"))) : Optional.empty(),
        new Epoch(number(root, "floor")),
        hold,
        promotions,
        root.has("unfinished")
            ? Optional.of(NodeState.Unfinished.valueOf(text(root, "unfinished")))
            : Optional.empty(),
        flag(root, "paused"),
        flag(root, "standby"));
  }

  private static boolean flag(JsonNode root, String field) {
    return root.path(field).isBoolean() && root.path(field).booleanValue();
  }

  private static JsonNode required(JsonNode node, String field) {
    if (!node.has(field)) {
      throw new IllegalArgumentException("\"" + field + "\" is missing");
    }
    return node.path(field);
  }

  private static long number(JsonNode node, String field) {
    JsonNode value = required(node, field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IllegalArgumentException("\"" + field + "\" is not a whole number: " + value);
    }
    return value.longValue();
  }

  private static int integer(JsonNode node, String field) {
    return Math.toIntExact(number(node, field));
  }

  private static String text(JsonNode node, String field) {
    JsonNode value = required(node, field);
    if (!value.isString()) {
      throw new IllegalArgumentException("\"" + field + "\" is not text: " + value);
    }
    return value.stringValue();
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("unreadable");
  }
}
