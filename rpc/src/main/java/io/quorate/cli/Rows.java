package io.quorate.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Rows of named values, in each {@link Format}. */
final class Rows {

  /** Made only where it is needed: it takes as long as the rest of a command. */
  private static final class Json {
    static final JsonMapper MAPPER = JsonMapper.builder().build();
  }

  /**
   * A column.
   *
   * @param name its name in all formats but the table
   * @param header its name there; empty: not shown there
   * @param right aligned to the right there
   */
  record Column(String name, String header, boolean right) {
    static Column left(String name) {
      return new Column(name, name, false);
    }

    static Column right(String name) {
      return new Column(name, name, true);
    }
  }

  private final List<Column> columns;
  private final List<Map<String, Object>> rows = new ArrayList<>();

  Rows(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  /** Adds a row; columns without a value are empty or left out. */
  void add(Map<String, @Nullable Object> values) {
    Map<String, Object> row = new LinkedHashMap<>();
    for (Column column : columns) {
      Object value = values.get(column.name());
      if (value != null && !value.equals("")) {
        row.put(column.name(), value);
      }
    }
    rows.add(row);
  }

  /** The lines in {@code format}; {@code title} is drawn into the table's first rule. */
  List<String> lines(Format format, Optional<String> title) {
    return switch (format) {
      case PRETTY -> table(title);
      case JSON -> List.of(Json.MAPPER.writeValueAsString(rows));
      case YAML, YML -> Yaml.block(rows).lines().toList();
      case TSV -> tsv();
    };
  }

  private List<String> table(Optional<String> title) {
    List<Column> shown = columns.stream().filter(c -> !c.header().isEmpty()).toList();
    Set<Integer> right =
        IntStream.range(0, shown.size())
            .filter(i -> shown.get(i).right())
            .boxed()
            .collect(Collectors.toSet());
    Table table = new Table(shown.stream().map(Column::header).toList(), right);
    for (Map<String, Object> row : rows) {
      table.add(
          shown.stream()
              .map(column -> {
                Object value = row.get(column.name());
                return value == null
                    ? ""
                    : value instanceof Map ? Yaml.block(value) : String.valueOf(value);
              })
              .toList());
    }
    return title.map(table::lines).orElseGet(table::lines);
  }

  private List<String> tsv() {
    List<String> lines = new ArrayList<>();
    lines.add(columns.stream().map(Column::name).collect(Collectors.joining("\t")));
    for (Map<String, Object> row : rows) {
      lines.add(
          columns.stream()
              .map(column -> {
                Object value = row.get(column.name());
                String text =
                    value == null
                        ? ""
                        : value instanceof Map ? Yaml.flow(value) : String.valueOf(value);
                return text.replace('\t', ' ').replace('\n', ' ');
              })
              .collect(Collectors.joining("\t")));
    }
    return lines;
  }
}
