package io.quorate.cli;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes of a configuration as nested maps, and what they change. */
final class ConfigChanges {

  private static final String PARAMETERS = "postgresql.parameters.";
  private static final int CONTEXT = 3;

  private ConfigChanges() {}

  /** {@code path=value}; the value is YAML, null deletes. */
  record Assignment(List<String> path, @Nullable Object value) {

    /**
     * Reads {@code a.b.c=VALUE}; below {@code postgresql.parameters} what remains is one name.
     *
     * @throws CliException saying what is wrong
     */
    static Assignment parse(String text) {
      int equal = text.indexOf('=');
      if (equal <= 0) {
        throw new CliException.WrongUse("'" + text + "' is not KEY=VALUE");
      }
      String key = text.substring(0, equal).strip();
      List<String> path =
          key.startsWith(PARAMETERS)
              ? List.of("postgresql", "parameters", key.substring(PARAMETERS.length()))
              : List.of(key.split("\\.", -1));
      if (path.stream().anyMatch(String::isBlank)) {
        throw new CliException.WrongUse("'" + key + "' has an empty part");
      }
      return new Assignment(
          path, Yaml.parse(text.substring(equal + 1), "value of " + key).orElse(null));
    }

    /** The same for a PostgreSQL parameter. */
    static Assignment parameter(String text) {
      return parse(PARAMETERS + text);
    }
  }

  /** The tree with the assignment done; the argument is left as it is. */
  static Map<String, @Nullable Object> with(
      Map<String, @Nullable Object> tree, Assignment assignment) {
    Map<String, @Nullable Object> patch = new LinkedHashMap<>();
    Map<String, @Nullable Object> at = patch;
    List<String> path = assignment.path();
    for (String part : path.subList(0, path.size() - 1)) {
      Map<String, @Nullable Object> below = new LinkedHashMap<>();
      at.put(part, below);
      at = below;
    }
    at.put(path.getLast(), assignment.value());
    return merged(tree, patch);
  }

  /** The tree after a merge patch: null deletes, also parents that are empty then. */
  static Map<String, @Nullable Object> merged(Map<String, @Nullable Object> tree, Map<?, ?> patch) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>(tree);
    patch.forEach((key, value) -> {
      String name = String.valueOf(key);
      if (value == null) {
        result.remove(name);
      } else if (value instanceof Map<?, ?> below) {
        boolean had = result.get(name) instanceof Map;
        Map<String, @Nullable Object> inner =
            merged(had ? fields((Map<?, ?>) result.get(name)) : new LinkedHashMap<>(), below);
        if (inner.isEmpty() && !below.isEmpty()) {
          result.remove(name);
        } else {
          result.put(name, inner);
        }
      } else {
        result.put(name, value);
      }
    });
    return result;
  }

  private static Map<String, @Nullable Object> fields(@Nullable Map<?, ?> map) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    if (map != null) {
      map.forEach((key, value) -> fields.put(String.valueOf(key), value));
    }
    return fields;
  }

  /** A unified diff of two texts without its file names; empty when they are the same. */
  static List<String> diff(String before, String after) {
    List<String> old = before.lines().toList();
    List<String> lines =
        new ArrayList<>(
            UnifiedDiffUtils.generateUnifiedDiff(
                "before", "after", old, DiffUtils.diff(old, after.lines().toList()), CONTEXT));
    return lines.isEmpty() ? lines : lines.subList(2, lines.size());
  }
}
