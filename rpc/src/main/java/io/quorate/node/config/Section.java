package io.quorate.node.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Typed access to one mapping of the file. A value of the wrong kind is recorded as an error and
 * read as absent, so that the rest is still checked.
 */
final class Section {

  private final Validation validation;
  private final String path;
  private final ConfigNode.Fields fields;

  private Section(Validation validation, String path, ConfigNode.Fields fields) {
    this.validation = validation;
    this.path = path;
    this.fields = fields;
  }

  static Section root(Validation validation, ConfigNode.Fields fields) {
    return new Section(validation, "", fields);
  }

  Set<String> keys() {
    return fields.fields().keySet();
  }

  /** Whether the key is there with a value. */
  boolean has(String key) {
    return !(value(key) instanceof ConfigNode.Nothing);
  }

  ConfigNode value(String key) {
    ConfigNode.Field field = fields.fields().get(key);
    return field == null ? new ConfigNode.Nothing(fields.line()) : field.value();
  }

  ConfigNode.Fields fields() {
    return fields;
  }

  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Line of the key, else of the section. */
  int line(String key) {
    ConfigNode.Field field = fields.fields().get(key);
    return field == null ? fields.line() : field.line();
  }

  void error(String key, String message) {
    validation.error(line(key), path(key), message);
  }

  void ignored(String key, String why) {
    validation.ignored(line(key), path(key), why);
  }

  /** The mapping under {@code key}; an empty one when it is absent or of another kind. */
  Section section(String key) {
    ConfigNode value = value(key);
    if (value instanceof ConfigNode.Fields under) {
      return new Section(validation, path(key), under);
    }
    if (!(value instanceof ConfigNode.Nothing)) {
      error(key, "must be a mapping of settings");
    }
    return new Section(validation, path(key), new ConfigNode.Fields(Map.of(), line(key)));
  }

  /** The mappings of the list under {@code key}. */
  List<Section> sections(String key) {
    List<Section> sections = new ArrayList<>();
    int index = 0;
    for (ConfigNode item : items(key)) {
      String at = path(key) + "[" + index++ + "]";
      if (item instanceof ConfigNode.Fields under) {
        sections.add(new Section(validation, at, under));
      } else {
        validation.error(item.line(), at, "must be a mapping of settings");
      }
    }
    return sections;
  }

  Optional<String> text(String key) {
    return switch (value(key)) {
      case ConfigNode.Text(String text, boolean _, int _) -> Optional.of(text);
      case ConfigNode.Nothing _ -> Optional.empty();
      case ConfigNode.Items _, ConfigNode.Fields _ -> {
        error(key, "must be a single value");
        yield Optional.empty();
      }
    };
  }

  /** The text, which has to be there; {@code example} shows how. */
  Optional<String> requiredText(String key, String example) {
    Optional<String> text = text(key).filter(t -> !t.isBlank());
    if (text.isEmpty() && (!has(key) || value(key) instanceof ConfigNode.Text)) {
      error(key, "is required, for example '" + key + ": " + example + "'");
    }
    return text;
  }

  boolean flag(String key, boolean otherwise) {
    return flag(key).orElse(otherwise);
  }

  Optional<Boolean> flag(String key) {
    Optional<String> text = text(key);
    Optional<Boolean> flag = text.flatMap(Section::truth);
    if (text.isPresent() && flag.isEmpty()) {
      error(key, "must be true or false, is '" + text.get() + "'");
    }
    return flag;
  }

  private static Optional<Boolean> truth(String text) {
    return switch (text) {
      case "1" -> Optional.of(true);
      case "0" -> Optional.of(false);
      default -> ConfigNode.truth(text);
    };
  }

  OptionalLong whole(String key) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text.get()));
    } catch (NumberFormatException e) {
      error(key, "must be a whole number, is '" + text.get() + "'");
      return OptionalLong.empty();
    }
  }

  Optional<HostPort> hostPort(String key, Optional<Integer> defaultPort) {
    return text(key)
        .flatMap(text -> {
          try {
            return Optional.of(HostPort.parse(text, defaultPort));
          } catch (IllegalArgumentException e) {
            error(key, e.getMessage() + "; expected HOST:PORT");
            return Optional.empty();
          }
        });
  }

  /** The texts of a list, or the one text given instead. */
  List<String> texts(String key) {
    if (value(key) instanceof ConfigNode.Text(String one, boolean _, int _)) {
      return List.of(one);
    }
    List<String> texts = new ArrayList<>();
    int index = 0;
    for (ConfigNode item : items(key)) {
      if (item instanceof ConfigNode.Text(String text, boolean _, int _)) {
        texts.add(text);
      } else {
        validation.error(item.line(), path(key) + "[" + index + "]", "must be text");
      }
      index++;
    }
    return texts;
  }

  /** A mapping of scalars, as PostgreSQL writes them: truth values are on and off. */
  NavigableMap<String, String> parameters(String key) {
    return scalars(key, "on", "off");
  }

  /** A mapping of scalars. */
  NavigableMap<String, String> scalars(String key, String yes, String no) {
    NavigableMap<String, String> values = new TreeMap<>();
    Section section = section(key);
    for (String name : section.keys()) {
      switch (section.value(name)) {
        case ConfigNode.Text(String text, boolean plain, int _) ->
            values.put(
                name,
                Optional.of(text)
                    .filter(_ -> plain)
                    .flatMap(ConfigNode::truth)
                    .map(truth -> truth ? yes : no)
                    .orElse(text));
        case ConfigNode.Nothing _ -> {}
        case ConfigNode.Items _, ConfigNode.Fields _ ->
            section.error(name, "must be a single value");
      }
    }
    return values;
  }

  /**
   * Options of a program: a list of {@code option} and {@code {option: value}}, or one mapping.
   * Without leading dashes, in the order of the file; an option without value maps to nothing.
   */
  Map<String, Optional<String>> options(String key) {
    Map<String, Optional<String>> options = new LinkedHashMap<>();
    ConfigNode value = value(key);
    if (value instanceof ConfigNode.Fields mapping) {
      option(key, mapping, options);
      return options;
    }
    for (ConfigNode item : items(key)) {
      option(key, item, options);
    }
    return options;
  }

  private void option(String key, ConfigNode item, Map<String, Optional<String>> options) {
    switch (item) {
      case ConfigNode.Text(String text, boolean _, int _) ->
          options.put(undashed(text), Optional.empty());
      case ConfigNode.Fields(var mapping, int _) ->
          mapping.forEach((name, field) -> {
            if (field.value() instanceof ConfigNode.Text(String text, boolean _, int _)) {
              options.put(undashed(name), Optional.of(text));
            } else {
              validation.error(field.line(), path(key), "option '" + name + "' needs one value");
            }
          });
      case ConfigNode.Items _, ConfigNode.Nothing _ ->
          validation.error(item.line(), path(key), "must list options or 'option: value'");
    }
  }

  private static String undashed(String option) {
    return option.replaceFirst("^-+", "");
  }

  private List<ConfigNode> items(String key) {
    return switch (value(key)) {
      case ConfigNode.Items(List<ConfigNode> items, int _) -> items;
      case ConfigNode.Nothing _ -> List.of();
      case ConfigNode.Text _, ConfigNode.Fields _ -> {
        error(key, "must be a list");
        yield List.of();
      }
    };
  }
}
