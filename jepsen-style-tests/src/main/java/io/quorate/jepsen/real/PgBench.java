package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** PostgreSQL's own benchmark as a burden on one node; it ends when that ends. */
final class PgBench implements AutoCloseable {

  private static final int CLIENTS = 4;

  private final Process process;

  private PgBench(Process process) {
    this.process = process;
  }

  /** Makes its tables. Blocks. */
  static void initialize(RealNode node) {
    try {
      Process made = start(node, List.of("-i", "-q", "-s", "2"));
      if (made.waitFor() != 0) {
        throw new IllegalStateException("pgbench -i ended with " + made.exitValue());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Four clients that write.
   *
   * @param rate transactions a second, all together; 0: as many as there can be
   */
  static PgBench run(RealNode node, int rate) {
    List<String> options =
        new ArrayList<>(List.of("-n", "-c", Integer.toString(CLIENTS), "-T", "3600"));
    if (rate > 0) {
      options.addAll(List.of("-R", Integer.toString(rate)));
    }
    return new PgBench(start(node, options));
  }

  private static Process start(RealNode node, List<String> options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(NodeFile.programs(), "pgbench").toString(),
                "-h",
                node.directory().toString(),
                "-p",
                Integer.toString(node.postgresPort())));
    command.addAll(options);
    command.add("postgres");
    try {
      return new ProcessBuilder(Unprivileged.command(command))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
