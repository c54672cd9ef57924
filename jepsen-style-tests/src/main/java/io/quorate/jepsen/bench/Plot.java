package io.quorate.jepsen.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Draws how the systems compare, as SVG. */
final class Plot {

  private static final int LINE = 18;
  private static final int LEFT = 120;
  private static final int WIDTH = 420;
  private static final List<String> COLOURS = List.of("#2563eb", "#9ca3af");

  private Plot() {}

  /** For each row of times a bar for each system's p50, with a mark at its p99; logarithmic. */
  static String of(Figures figures) {
    List<String> rows =
        figures.names().stream()
            .filter(row ->
                figures.systems().stream()
                    .anyMatch(system -> times(figures, row, system).isPresent()))
            .toList();
    StringBuilder body = new StringBuilder();
    int y = 40;
    for (String row : rows) {
      body.append(text(8, y + LINE, row));
      for (int i = 0; i < figures.systems().size(); i++) {
        Optional<Row.Sample.Times> times = times(figures, row, figures.systems().get(i));
        if (times.isPresent()) {
          body.append(bar(y, times.get(), COLOURS.get(i % COLOURS.size())));
        }
        y += LINE;
      }
      y += LINE / 2;
    }
    StringBuilder legend = new StringBuilder();
    for (int i = 0; i < figures.systems().size(); i++) {
      int x = LEFT + i * 120;
      legend.append(rectangle(x, 12, 12, COLOURS.get(i % COLOURS.size())));
      legend.append(text(x + 18, 23, figures.systems().get(i)));
    }
    legend.append(text(LEFT + 260, 23, "bar: p50, line: p99, in ms; logarithmic"));
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
    <rect width="100%%" height="100%%" fill="white"/>
    %s%s</svg>
    """
        .formatted(LEFT + WIDTH + 180, y + 10, legend, body);
  }

  private static Optional<Row.Sample.Times> times(Figures figures, String row, String system) {
    return figures
        .sample(row, system)
        .flatMap(sample ->
            sample instanceof Row.Sample.Times times ? Optional.of(times) : Optional.empty());
  }

  private static String bar(int y, Row.Sample.Times sample, String colour) {
    double p50 = sample.times().getValueAtPercentile(50) / 1000.0;
    double p99 = sample.times().getValueAtPercentile(99) / 1000.0;
    String label =
        sample.seconds() > 0
            ? String.format(
                Locale.ROOT,
                "%.2f / %.2f ms, %.0f/s",
                p50,
                p99,
                sample.times().getTotalCount() / sample.seconds())
            : String.format(Locale.ROOT, "%.2f / %.2f ms", p50, p99);
    return rectangle(LEFT, y + 4, length(p50), colour)
        + """
        <line x1="%d" x2="%d" y1="%d" y2="%d" stroke="%s" stroke-width="2"/>
        """
            .formatted(LEFT + length(p50), LEFT + length(p99), y + 10, y + 10, colour)
        + text(LEFT + length(p99) + 6, y + 14, label);
  }

  /** From 0.1 ms on, a fifth of the width for each power of ten. */
  private static int length(double milliseconds) {
    return (int) Math.clamp(Math.log10(milliseconds * 10) * WIDTH / 5, 1, WIDTH);
  }

  private static String rectangle(int x, int y, int width, String colour) {
    return """
    <rect x="%d" y="%d" width="%d" height="12" fill="%s"/>
    """
        .formatted(x, y, width, colour);
  }

  private static String text(int x, int y, String text) {
    return """
    <text x="%d" y="%d">%s</text>
    """
        .formatted(x, y, text);
  }
}
