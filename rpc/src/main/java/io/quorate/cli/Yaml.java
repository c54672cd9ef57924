package io.quorate.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** YAML for people: keys sorted, as PyYAML writes it. */
final class Yaml {

  private static final int NEVER_WRAP = 100_000;

  private Yaml() {}

  /** Block style, without the end of line. */
  static String block(@Nullable Object value) {
    return dump(value, FlowStyle.BLOCK);
  }

  /** In one line. */
  static String flow(@Nullable Object value) {
    return dump(value, FlowStyle.FLOW);
  }

  private static String dump(@Nullable Object value, FlowStyle style) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(style)
            .setWidth(NEVER_WRAP)
            .setIndicatorIndent(0)
            .build();
    return new Dump(settings).dumpToString(sorted(value)).stripTrailing();
  }

  private static @Nullable Object sorted(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> sorted = new TreeMap<>();
      map.forEach((key, below) -> sorted.put(String.valueOf(key), sorted(below)));
      return new LinkedHashMap<>(sorted);
    }
    return value instanceof List<?> list ? list.stream().map(Yaml::sorted).toList() : value;
  }

  /**
   * Reads one document.
   *
   * @param place named in errors, such as the file
   * @throws CliException naming the line where it is not YAML
   */
  static Optional<Object> parse(String text, String place) {
    try {
      return Optional.ofNullable(
          new Load(LoadSettings.builder().setLabel(place).build()).loadFromString(text));
    } catch (MarkedYamlEngineException e) {
      throw new CliException(
          place
              + e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("")
              + ": not valid YAML: "
              + e.getProblem());
    } catch (YamlEngineException e) {
      throw new CliException(place + ": not valid YAML: " + e.getMessage());
    }
  }

  /**
   * Reads one document that is a mapping.
   *
   * @throws CliException if it is something else
   */
  static Map<String, @Nullable Object> mapping(String text, String place) {
    Optional<Object> value = parse(text, place);
    if (value.isEmpty()) {
      return new LinkedHashMap<>();
    }
    if (value.get() instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      map.forEach((key, below) -> fields.put(String.valueOf(key), below));
      return fields;
    }
    throw new CliException(place + ": must be a mapping of settings, such as 'ttl: 5'");
  }
}
