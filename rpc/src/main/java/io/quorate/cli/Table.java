package io.quorate.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A table of text with ruled lines. */
final class Table {

  private final List<String> headers;
  private final Set<Integer> right;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * An empty table.
   *
   * @param right indexes of the columns that are aligned to the right
   */
  Table(List<String> headers, Set<Integer> right) {
    this.headers = List.copyOf(headers);
    this.right = Set.copyOf(right);
  }

  void add(List<String> row) {
    rows.add(List.copyOf(row));
  }

  /** The lines; {@code title} is drawn into the first rule. */
  List<String> lines(String title) {
    String begin = "+ " + title + " ";
    List<String> lines = new ArrayList<>(lines());
    String rule = lines.getFirst();
    lines.set(0, begin.length() < rule.length() ? begin + rule.substring(begin.length()) : begin);
    return lines;
  }

  /** The lines. */
  List<String> lines() {
    int[] widths = widths();
    String rule = rule(widths);
    List<String> lines = new ArrayList<>();
    lines.add(rule);
    lines.add(line(headers, widths, 0));
    lines.add(rule);
    boolean tall = rows.stream().anyMatch(row -> height(row) > 1);
    for (int r = 0; r < rows.size(); r++) {
      if (tall && r > 0) {
        lines.add(rule);
      }
      for (int part = 0; part < height(rows.get(r)); part++) {
        lines.add(line(rows.get(r), widths, part));
      }
    }
    lines.add(rule);
    return lines;
  }

  private static int height(List<String> row) {
    return row.stream().mapToInt(cell -> parts(cell).length).max().orElse(1);
  }

  private static String[] parts(String cell) {
    return cell.split("\n", -1);
  }

  private int[] widths() {
    int[] widths = headers.stream().mapToInt(String::length).toArray();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        for (String part : parts(row.get(i))) {
          widths[i] = Math.max(widths[i], part.length());
        }
      }
    }
    return widths;
  }

  private static String rule(int[] widths) {
    StringBuilder rule = new StringBuilder("+");
    for (int width : widths) {
      rule.repeat('-', width + 2).append('+');
    }
    return rule.toString();
  }

  private String line(List<String> cells, int[] widths, int part) {
    StringBuilder line = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      String[] parts = parts(cells.get(i));
      String text = part < parts.length ? parts[part] : "";
      int gap = widths[i] - text.length();
      line.append(' ');
      if (right.contains(i)) {
        line.repeat(' ', gap).append(text);
      } else {
        line.append(text).repeat(' ', gap);
      }
      line.append(" |");
    }
    return line.toString();
  }
}
