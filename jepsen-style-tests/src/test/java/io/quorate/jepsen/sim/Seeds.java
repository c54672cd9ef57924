package io.quorate.jepsen.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** Runs many seeds at once, and says how to see one of them again. */
final class Seeds {

  private Seeds() {}

  /** The runs that broke something, of {@code count} seeds from {@code first}. */
  static List<SimResult> broken(long first, int count, SimOptions options) {
    return LongStream.range(first, first + count)
        .parallel()
        .mapToObj(seed -> Simulation.run(seed, options))
        .filter(result -> result.violation().isPresent())
        .toList();
  }

  /** What was broken, where its trace is, and the command that repeats exactly this run. */
  static String replay(SimResult result) {
    Path file = Path.of("target", "sim-traces", "seed-" + result.seed() + ".trace");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, result.trace());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return result.summary()
        + "\n  trace: "
        + file.toAbsolutePath()
        + "\n  again: "
        + SimMain.class.getName()
        + " "
        + result.arguments();
  }
}
