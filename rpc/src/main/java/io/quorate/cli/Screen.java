package io.quorate.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Redraws a few lines in place with plain ANSI sequences, below what stood on the terminal before;
 * where standard output is no terminal, prints the lines anew when they changed.
 */
final class Screen {

  private static final String HIDE_CURSOR = "\033[?25l";
  private static final String SHOW_CURSOR = "\033[?25h";

  /** Long lines are cut: wrapped ones would take more rows than are gone up again. */
  private static final String CUT_LINES = "\033[?7l";

  private static final String WRAP_LINES = "\033[?7h";
  private static final String CLEAR_LINE = "\033[K";
  private static final String CLEAR_BELOW = "\033[J";

  private final PrintWriter out;
  private final boolean terminal;
  private List<String> shown = List.of();
  private int rows;
  private boolean begun;

  Screen(PrintWriter out) {
    this.out = out;
    this.terminal = isTerminal();
  }

  /** Asked of the kernel: the JDK would load a whole line editor for it. */
  private static boolean isTerminal() {
    try {
      String output = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return output.startsWith("/dev/pts/") || output.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  /** Shows {@code lines} instead of what was shown. */
  synchronized void draw(List<String> lines) {
    if (terminal) {
      if (!begun) {
        out.print(HIDE_CURSOR + CUT_LINES);
      } else if (rows > 0) {
        out.print("\033[" + rows + "A");
      }
      lines.forEach(line -> out.print(line + CLEAR_LINE + "\r\n"));
      out.print(CLEAR_BELOW);
    } else if (!timeless(lines).equals(shown)) {
      lines.forEach(out::println);
      out.println();
    }
    begun = true;
    rows = lines.size();
    shown = timeless(lines);
    out.flush();
  }

  /** Without the times that run down by themselves. */
  private static List<String> timeless(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll(" *[0-9]+\\.[0-9] s", "")).toList();
  }

  /** Gives the terminal back as it was. */
  synchronized void leave() {
    if (terminal && begun) {
      out.print(WRAP_LINES + SHOW_CURSOR);
      out.flush();
    }
  }
}
