package io.quorate.ha.cluster;

import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.TimelineId;
import io.quorate.store.Bytes;
import io.quorate.store.KeyValue;
import io.quorate.store.Revision;
import io.quorate.store.WatchEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/** The cluster's keys at one revision, and what they mean. Immutable. */
public final class Keyspace {

  private final ClusterKeys keys;
  private final Revision revision;
  private final SortedMap<String, KeyValue> entries;
  private final ClusterView view;
  private final List<String> damaged = new ArrayList<>();

  private Keyspace(ClusterKeys keys, Revision revision, SortedMap<String, KeyValue> entries) {
    this.keys = keys;
    this.revision = revision;
    this.entries = entries;
    this.view = interpret();
  }

  /** What a range of the whole prefix answered. */
  public static Keyspace of(ClusterKeys keys, Revision revision, Collection<KeyValue> read) {
    TreeMap<String, KeyValue> entries = new TreeMap<>();
    read.stream()
        .filter(kv -> !isJournal(keys.relative(kv.key())))
        .forEach(kv -> entries.put(keys.relative(kv.key()), kv));
    return new Keyspace(keys, revision, entries);
  }

  /** The same after the changes of one later revision. */
  public Keyspace after(Revision later, List<WatchEvent> events) {
    TreeMap<String, KeyValue> changed = new TreeMap<>(entries);
    for (WatchEvent event : events) {
      switch (event) {
        case WatchEvent.Put put -> {
          String key = keys.relative(put.keyValue().key());
          if (!isJournal(key)) {
            changed.put(key, put.keyValue());
          }
        }
        case WatchEvent.Delete delete -> changed.remove(keys.relative(delete.key()));
      }
    }
    return new Keyspace(keys, later, changed);
  }

  /** Nothing is decided from it, so it is not carried along. */
  private static boolean isJournal(String key) {
    return key.startsWith("quorate/journal/");
  }

  /** The revision. */
  public Revision revision() {
    return revision;
  }

  /** What the keys mean. */
  public ClusterView view() {
    return view;
  }

  /** Keys whose value could not be read, with the reason; they are taken as absent. */
  public List<String> damaged() {
    return List.copyOf(damaged);
  }

  /** Mod revision of a key; {@link Revision#NONE} where it is absent. */
  Revision modRevision(Bytes key) {
    KeyValue entry = entries.get(keys.relative(key));
    return entry == null ? Revision.NONE : entry.modRevision();
  }

  /** Value of a key. */
  Optional<Bytes> value(Bytes key) {
    return Optional.ofNullable(entries.get(keys.relative(key))).map(KeyValue::value);
  }

  private ClusterView interpret() {
    return new ClusterView(
        revision.value(),
        initialize(),
        leader(),
        parse("quorate/epoch", (kv, json) -> RecordCodec.epoch(json, kv.modRevision().value())),
        parseAll("members/", MemberName::new, (n, _, json) -> MemberCodec.decode(n, json)),
        parseAll(
            "quorate/pledge/",
            MemberName::new,
            (name, kv, json) -> RecordCodec.pledge(name, json, kv.modRevision().value())),
        dataIds(),
        parseAll(
            "quorate/branch/",
            text -> new TimelineId(Integer.parseInt(text)),
            (timeline, _, json) -> RecordCodec.branch(timeline, json)),
        reports(),
        Optional.ofNullable(entries.get("config"))
            .<ClusterSettings>flatMap(kv -> SettingsCodec.decode(kv.value())),
        parse("quorate/release", (_, json) -> RecordCodec.release(json)),
        parse("status", (_, json) -> new Lsn(Json.number(json, "optime").orElse(0))),
        stopAsked(),
        text("history", "[]"),
        text("config", "{}"),
        parseAll(
            "quorate/intent/",
            slot -> slot,
            (_, kv, json) -> IntentCodec.decode(json, kv.modRevision().value())));
  }

  private ClusterView.Initialize initialize() {
    KeyValue entry = entries.get("initialize");
    if (entry == null) {
      return new ClusterView.Initialize.Absent();
    }
    String value = entry.value().toUtf8();
    if (!value.isEmpty()) {
      try {
        return new ClusterView.Initialize.Complete(Long.parseUnsignedLong(value));
      } catch (NumberFormatException e) {
        damaged.add("initialize: not a system identifier: " + value);
        return new ClusterView.Initialize.Complete(0);
      }
    }
    return Optional.ofNullable(entries.get("quorate/initializing"))
        .<ClusterView.Initialize>map(
            by -> new ClusterView.Initialize.InProgress(new MemberName(by.value().toUtf8())))
        .orElseGet(ClusterView.Initialize.Absent::new);
  }

  private Optional<ClusterView.Leader> leader() {
    return Optional.ofNullable(entries.get("leader"))
        .filter(kv -> kv.value().size() > 0)
        .map(kv ->
            new ClusterView.Leader(
                new MemberName(kv.value().toUtf8()),
                new Epoch(kv.createRevision().value()),
                kv.lease().value()));
  }

  private SortedMap<MemberName, ClusterView.StoredDataId> dataIds() {
    TreeMap<MemberName, ClusterView.StoredDataId> all = new TreeMap<>();
    below("quorate/data-id/")
        .forEach((name, kv) ->
            all.put(
                new MemberName(name),
                new ClusterView.StoredDataId(
                    new DataId(kv.value().toUtf8()), kv.modRevision().value())));
    return all;
  }

  private SortedMap<Epoch, FailoverReport> reports() {
    TreeMap<Epoch, FailoverReport> all = new TreeMap<>();
    below("quorate/failover/")
        .forEach((round, kv) -> {
          Epoch epoch = new Epoch(kv.createRevision().value());
          read("quorate/failover/" + round, kv, (_, json) -> RecordCodec.report(epoch, json))
              .ifPresent(report -> all.put(epoch, report));
        });
    return all;
  }

  /** Key of the report of {@code epoch}. */
  Optional<Bytes> failoverKey(Epoch epoch) {
    return below("quorate/failover/").values().stream()
        .filter(kv -> kv.createRevision().value() == epoch.value())
        .map(KeyValue::key)
        .findFirst();
  }

  private String text(String key, String absent) {
    KeyValue entry = entries.get(key);
    return entry == null ? absent : entry.value().toUtf8();
  }

  private List<String> stopAsked() {
    return parse(
            "quorate/stop",
            (_, json) -> json.path("run_ids").valueStream().map(JsonNode::asString).toList())
        .orElse(List.of());
  }

  private SortedMap<String, KeyValue> below(String prefix) {
    TreeMap<String, KeyValue> found = new TreeMap<>();
    entries
        .subMap(prefix, prefix + '\uffff')
        .forEach((key, kv) -> found.put(key.substring(prefix.length()), kv));
    return found;
  }

  private <T> Optional<T> parse(String key, BiFunction<KeyValue, JsonNode, T> reader) {
    KeyValue entry = entries.get(key);
    return entry == null ? Optional.empty() : read(key, entry, reader);
  }

  private <T> Optional<T> read(
      String key, KeyValue entry, BiFunction<KeyValue, JsonNode, T> reader) {
    Optional<JsonNode> json = Json.read(entry.value());
    if (json.isEmpty()) {
      damaged.add(key + ": not JSON");
      return Optional.empty();
    }
    try {
      return Optional.of(reader.apply(entry, json.get()));
    } catch (IllegalArgumentException e) {
      damaged.add(key + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private <K extends Comparable<K>, V> SortedMap<K, V> parseAll(
      String prefix, java.util.function.Function<String, K> name, Reader<K, V> reader) {
    TreeMap<K, V> all = new TreeMap<>();
    below(prefix)
        .forEach((text, kv) -> {
          try {
            K key = name.apply(text);
            read(prefix + text, kv, (entry, json) -> reader.read(key, entry, json))
                .ifPresent(value -> all.put(key, value));
          } catch (IllegalArgumentException e) {
            damaged.add(prefix + text + ": " + e.getMessage());
          }
        });
    return all;
  }

  private interface Reader<K, V> {
    V read(K name, KeyValue entry, JsonNode json);
  }

  /** The history list, or an empty one. */
  Optional<JsonNode> history() {
    return value(keys.history()).flatMap(Json::read).filter(JsonNode::isArray);
  }
}
