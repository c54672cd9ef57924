package io.quorate.ha.cluster;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A change of the dynamic configuration; documents are JSON objects as text.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7396">RFC 7396, JSON merge patch</a>
 */
public sealed interface ConfigEdit {

  /** The text that was given. */
  String json();

  /** A merge patch: null deletes, an object into an object goes on below, all else replaces. */
  record Merge(String json) implements ConfigEdit {}

  /** A whole document. */
  record Replace(String json) implements ConfigEdit {}

  /**
   * The document after the change of {@code before}.
   *
   * @throws IllegalArgumentException if this is no JSON object
   */
  default String applyTo(String before) {
    ObjectNode given = object(json(), "what was given");
    return switch (this) {
      case Replace _ -> {
        ObjectNode clean = Json.object();
        merge(clean, given);
        yield clean.toString();
      }
      case Merge _ -> {
        ObjectNode merged = object(before, "the configuration in the store");
        merge(merged, given);
        yield merged.toString();
      }
    };
  }

  /** Whether both documents mean the same: scalars compare as text, 10 equals "10". */
  static boolean sameMeaning(String one, String other) {
    return same(object(one, "the first document"), object(other, "the second document"));
  }

  private static ObjectNode object(String text, String what) {
    try {
      if (Json.MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(what + " is not JSON: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException(what + " is not a JSON object");
  }

  private static void merge(ObjectNode into, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      JsonNode value = field.getValue();
      if (value.isNull()) {
        into.remove(field.getKey());
      } else if (value instanceof ObjectNode below) {
        ObjectNode target =
            into.get(field.getKey()) instanceof ObjectNode object
                ? object
                : into.putObject(field.getKey());
        merge(target, below);
      } else {
        into.set(field.getKey(), value);
      }
    }
  }

  private static boolean same(JsonNode one, JsonNode other) {
    if (one.isObject() && other.isObject()) {
      Set<String> names = new TreeSet<>(one.propertyNames());
      return names.equals(new TreeSet<>(other.propertyNames()))
          && names.stream().allMatch(name -> same(one.path(name), other.path(name)));
    }
    if (one.isContainer() || other.isContainer()) {
      return one.equals(other);
    }
    return one.asString().equals(other.asString());
  }
}
