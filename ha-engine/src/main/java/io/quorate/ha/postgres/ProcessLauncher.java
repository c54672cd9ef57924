package io.quorate.ha.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Starts programs with a clean environment: nothing of {@code PG*} that the agent was started with
 * reaches them.
 */
public final class ProcessLauncher {

  private static final int OUTPUT_KEPT = 64 * 1024;

  private final List<String> prefix;

  /**
   * Starts every program through {@code prefix}, a command that executes its arguments in place
   * (the same process id); empty: directly.
   */
  public ProcessLauncher(List<String> prefix) {
    this.prefix = List.copyOf(prefix);
  }

  /** Starts programs directly, as the agent's own user. */
  public static ProcessLauncher direct() {
    return new ProcessLauncher(List.of());
  }

  /** How a program ended; {@code output} is the end of stdout and stderr together. */
  record Finished(int exit, String output) {
    boolean ok() {
      return exit == 0;
    }
  }

  /**
   * Runs to the end. Blocks.
   *
   * @param environment added to the inherited one
   * @param onLine told each line (or carriage-return-ended progress) of output as it comes
   * @throws PostgresFailure if the program is missing, or did not end within {@code bound} and was
   *     killed
   */
  Finished run(
      List<String> command,
      Map<String, String> environment,
      String stdin,
      Duration bound,
      Consumer<String> onLine) {
    Process process = start(builder(command, environment).redirectErrorStream(true), command);
    Output output = new Output(onLine);
    Thread reader = Thread.ofVirtual().start(() -> output.read(process));
    try {
      try (OutputStream in = process.getOutputStream()) {
        in.write(stdin.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It ended without reading its input; its exit code tells why.
      }
      if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new PostgresFailure(
            name(command) + " did not end within " + bound + " and was killed" + output.tail());
      }
      reader.join(Duration.ofSeconds(5));
      return new Finished(process.exitValue(), output.text());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new PostgresFailure(name(command) + " was interrupted");
    }
  }

  /** The same for short questions whose text is parsed: messages untranslated. */
  Finished ask(List<String> command, Duration bound) {
    return run(command, Map.of("LC_ALL", "C"), "", bound, line -> {});
  }

  /**
   * Starts a program that outlives the agent, in a session of its own, its output appended to
   * {@code log}.
   */
  public Process spawn(List<String> command, Map<String, String> environment, Path log) {
    List<String> detached = new ArrayList<>();
    detached.add("setsid");
    detached.addAll(command);
    ProcessBuilder builder = builder(detached, environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return start(builder, command);
  }

  private ProcessBuilder builder(List<String> command, Map<String, String> environment) {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(all);
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().putAll(environment);
    // A directory that always exists and is nobody's data directory.
    builder.directory(Path.of("/").toFile());
    return builder;
  }

  private static Process start(ProcessBuilder builder, List<String> command) {
    Path program = Path.of(command.getFirst());
    if (program.isAbsolute() && !Files.isExecutable(program)) {
      throw new PostgresFailure(
          "postgresql.bin_dir: there is no program "
              + program
              + "; install PostgreSQL's server package or point bin_dir at its bin directory");
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new PostgresFailure(name(command) + " could not be started: " + e.getMessage());
    }
  }

  private static String name(List<String> command) {
    return String.valueOf(Path.of(command.getFirst()).getFileName());
  }

  /** The end of what a program said. */
  private static final class Output {
    private final StringBuilder text = new StringBuilder();
    private final Consumer<String> onLine;

    Output(Consumer<String> onLine) {
      this.onLine = onLine;
    }

    void read(Process process) {
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          append(line);
          onLine.accept(line);
        }
      } catch (IOException | UncheckedIOException e) {
        append("(output lost: " + e.getMessage() + ")");
      }
    }

    private synchronized void append(String line) {
      text.append(line).append('\n');
      if (text.length() > 2 * OUTPUT_KEPT) {
        text.delete(0, text.length() - OUTPUT_KEPT);
      }
    }

    synchronized String text() {
      return text.toString();
    }

    String tail() {
      String all = text().strip();
      return all.isEmpty() ? "" : ": " + LogTail.last(all, 5);
    }
  }
}
