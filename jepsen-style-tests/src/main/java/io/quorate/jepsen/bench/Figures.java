package io.quorate.jepsen.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** What all rounds gave, and the table of it. */
final class Figures {

  private final List<String> systems;
  private final Map<String, Map<String, Row.Sample>> rows = new LinkedHashMap<>();

  Figures(List<String> systems) {
    this.systems = List.copyOf(systems);
  }

  List<String> systems() {
    return systems;
  }

  /** Names of the rows, in the order in which they were measured. */
  List<String> names() {
    return List.copyOf(rows.keySet());
  }

  /** What a system showed in a row, over all rounds. */
  Optional<Row.Sample> sample(String row, String system) {
    return Optional.ofNullable(rows.getOrDefault(row, Map.of()).get(system));
  }

  void add(String row, String system, Row.Sample sample) {
    rows.computeIfAbsent(row, _ -> new LinkedHashMap<>()).merge(system, sample, Figures::both);
  }

  private static Row.Sample both(Row.Sample a, Row.Sample b) {
    if (a instanceof Row.Sample.Times(Histogram times, long errors, double seconds)
        && b instanceof Row.Sample.Times(Histogram more, long further, double longer)) {
      Histogram sum = times.copy();
      sum.add(more);
      return new Row.Sample.Times(sum, errors + further, seconds + longer);
    }
    return b;
  }

  /** In Markdown: a line for each row and system. */
  String table() {
    StringBuilder text =
        new StringBuilder(
            """
            | row | system | a second | p50 ms | p99 ms | max ms | errors |
            |---|---|---|---|---|---|---|
            """);
    rows.forEach((row, samples) ->
        systems.forEach(system -> {
          Row.Sample sample = samples.get(system);
          if (sample != null) {
            text.append("| ").append(row).append(" | ").append(system).append(line(sample));
          }
        }));
    return text.toString();
  }

  private static String line(Row.Sample sample) {
    return switch (sample) {
      case Row.Sample.Times(Histogram times, long errors, double seconds) ->
          String.format(
              Locale.ROOT,
              " | %s | %.2f | %.2f | %.1f | %d |%n",
              seconds > 0
                  ? String.format(Locale.ROOT, "%.0f", times.getTotalCount() / seconds)
                  : "%d times".formatted(times.getTotalCount()),
              times.getValueAtPercentile(50) / 1000.0,
              times.getValueAtPercentile(99) / 1000.0,
              times.getMaxValue() / 1000.0,
              errors);
      case Row.Sample.Amounts(String unit, List<Double> each) ->
          " | %s: %s | | | | |%n".formatted(unit, text(each));
    };
  }

  /** In one line. */
  static String text(Row.Sample sample) {
    return line(sample).strip().replaceFirst("^\\| ", "");
  }

  private static String text(List<Double> each) {
    return each.stream()
        .map(value -> String.format(Locale.ROOT, "%.2f", value))
        .collect(Collectors.joining(" / "));
  }
}
