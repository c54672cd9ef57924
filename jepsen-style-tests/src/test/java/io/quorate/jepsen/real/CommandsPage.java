package io.quorate.jepsen.real;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The examples of a page: blocks marked {@code console}, in which a line {@code $ quorate …} (or
 * {@code $ echo ANSWERS | quorate …}) is a command and what follows is its output. A line {@code
 * (N)} at the end is its exit status where that is not 0.
 */
final class CommandsPage {

  private static final String BEGIN = "```console";
  private static final String END = "```";
  private static final Pattern COMMAND =
      Pattern.compile("\\$ (?:echo (?<answers>.*?) \\| )?quorate (?<arguments>.*)");

  private final List<String> lines;
  private final List<Example> examples = new ArrayList<>();

  /**
   * A command with its output.
   *
   * @param at index of the command's line in the page
   * @param end index after the last line of its output
   */
  record Example(int at, int end, String answers, List<String> arguments, List<String> output) {}

  CommandsPage(String text) {
    this.lines = text.lines().toList();
    boolean inside = false;
    int at = -1;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      boolean ends = inside && (line.equals(END) || COMMAND.matcher(line).matches());
      if (ends && at >= 0) {
        examples.add(example(at, i));
        at = -1;
      }
      if (line.equals(BEGIN) || line.equals(END)) {
        inside = line.equals(BEGIN);
      } else if (inside && COMMAND.matcher(line).matches()) {
        at = i;
      }
    }
  }

  private Example example(int at, int end) {
    Matcher command = COMMAND.matcher(lines.get(at));
    if (!command.matches()) {
      throw new IllegalStateException(lines.get(at));
    }
    return new Example(
        at,
        end,
        Optional.ofNullable(command.group("answers")).map(a -> a + "\n").orElse(""),
        List.of(command.group("arguments").split(" +", -1)),
        lines.subList(at + 1, end));
  }

  List<Example> examples() {
    return List.copyOf(examples);
  }

  /** The page with other outputs. */
  String with(List<List<String>> outputs) {
    List<String> text = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < examples.size(); i++) {
      text.addAll(lines.subList(next, examples.get(i).at() + 1));
      text.addAll(outputs.get(i));
      next = examples.get(i).end();
    }
    text.addAll(lines.subList(next, lines.size()));
    return String.join("\n", text) + "\n";
  }

  /**
   * What of an output does not depend on the run: without times, positions, numbers and the lines
   * that come or not as the timing has it; as a set of lines.
   */
  static SortedSet<String> shape(List<String> output) {
    SortedSet<String> shape = new TreeSet<>();
    for (String line : output) {
      String bare =
          line.replaceAll("[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9:]{5})?", "TIME")
              .replaceAll("[0-9A-F]{1,8}/[0-9A-F]{1,8}", "LSN")
              .replaceAll("127\\.0\\.0\\.1:[0-9]+", "ADDRESS")
              .replaceAll("node[0-9]", "NODE")
              .replaceAll("[0-9]+(\\.[0-9]+)?", "N")
              .replaceAll("(\\| NODE +\\| ADDRESS \\| [A-Za-z]+).*", "$1")
              .replaceAll("-{2,}", "-")
              .replaceAll("[ \t]+", " ")
              .strip();
      boolean timing =
          bare.isEmpty()
              || bare.matches("TIME (pending|preparing|stopping|stopped|handing over|running): .*")
              || bare.matches("TIME NODE [A-Z]+ .*")
              || bare.matches("N ms .*")
              || bare.matches("NODE: .+")
              || bare.matches(".* \\((holding lease|following primary|working)\\)")
              || bare.startsWith("+-");
      if (!timing) {
        shape.add(bare);
      }
    }
    return shape;
  }
}
