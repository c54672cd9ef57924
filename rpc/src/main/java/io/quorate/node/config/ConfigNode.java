package io.quorate.node.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A YAML value with the line it stands on (from 1), so that every error can point there. */
sealed interface ConfigNode {

  /** Line of the value, from 1. */
  int line();

  /** No value: {@code key:} or {@code null}. */
  record Nothing(int line) implements ConfigNode {}

  /** A scalar; {@code plain}: written without quotes, so {@code on} may mean true. */
  record Text(String value, boolean plain, int line) implements ConfigNode {}

  /** A sequence. */
  record Items(List<ConfigNode> items, int line) implements ConfigNode {
    /** Copies the list. */
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A mapping, in the order of the file. */
  record Fields(Map<String, Field> fields, int line) implements ConfigNode {
    /** Copies the map. */
    public Fields {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /** The mapping without lines; null stands for nothing. */
    Map<String, @Nullable Object> untypedMap() {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      fields.forEach((key, field) -> map.put(key, field.value().untyped()));
      return map;
    }
  }

  /** A value with the line of its key. */
  record Field(int line, ConfigNode value) {}

  /** What PyYAML, and so Patroni, reads a plain scalar as: a truth value, if it is one. */
  static Optional<Boolean> truth(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true", "on", "yes" -> Optional.of(true);
      case "false", "off", "no" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** The value as nested maps, lists, text, numbers and truth values; null for nothing. */
  default @Nullable Object untyped() {
    return switch (this) {
      case Nothing _ -> null;
      case Text(String value, boolean plain, int _) -> plain ? scalar(value) : value;
      case Items(List<ConfigNode> items, int _) -> {
        List<@Nullable Object> list = new ArrayList<>();
        items.forEach(item -> list.add(item.untyped()));
        yield list;
      }
      case Fields fields -> fields.untypedMap();
    };
  }

  private static Object scalar(String value) {
    Optional<Boolean> truth = truth(value);
    if (truth.isPresent()) {
      return truth.get();
    }
    if (value.matches("[-+]?(0|[1-9][0-9]{0,17})")) {
      return Long.valueOf(value);
    }
    if (value.matches("[-+]?[0-9]+\\.[0-9]+")) {
      return Double.valueOf(value);
    }
    return value;
  }
}
