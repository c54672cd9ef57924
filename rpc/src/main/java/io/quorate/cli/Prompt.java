package io.quorate.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Asks on the terminal; answers are read from standard input, one line each. */
final class Prompt {

  private final PrintWriter out;
  private final BufferedReader in;

  Prompt(PrintWriter out) {
    this.out = out;
    this.in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  }

  /**
   * Asks for text; an empty answer is {@code otherwise}.
   *
   * @throws CliException when nobody is there to answer
   */
  String text(String question, String otherwise) {
    out.print(question + " [" + otherwise + "]: ");
    out.flush();
    try {
      String line = in.readLine();
      if (line == null) {
        out.println();
        throw new CliException("aborted: no answer on standard input (--force asks nothing)");
      }
      return line.isBlank() ? otherwise : line.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Goes on only after a yes.
   *
   * @throws CliException after anything else
   */
  void confirm(String question) {
    if (!isYes(question)) {
      throw new CliException("aborted");
    }
  }

  /** Whether the answer is yes; nothing means no. */
  boolean isYes(String question) {
    String answer = text(question, "y/N").toLowerCase(Locale.ROOT);
    return answer.equals("y") || answer.equals("yes");
  }
}
