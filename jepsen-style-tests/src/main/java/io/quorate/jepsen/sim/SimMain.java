package io.quorate.jepsen.sim;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;

/**
 * Runs many seeds: {@code --seeds A..B [--mutation NAME] [--plot NAME] [--operated true] [--traces
 * DIRECTORY]}.
 */
public final class SimMain {

  private SimMain() {}

  /** Exit status 1 when any seed broke an invariant. */
  public static void main(String[] arguments) throws IOException {
    long first = 1;
    long last = 100;
    Mutation mutation = Mutation.NONE;
    Path traces = Path.of("target", "sim-traces");
    SimOptions options = SimOptions.STANDARD;
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--seeds" -> {
          String[] range = value.split("\\.\\.", -1);
          first = Long.parseLong(range[0]);
          last = Long.parseLong(range[range.length - 1]);
        }
        case "--mutation" -> mutation = Mutation.valueOf(value);
        case "--plot" -> options = SimOptions.of(Plot.valueOf(value));
        case "--operated" -> options = Boolean.parseBoolean(value) ? SimOptions.OPERATED : options;
        case "--traces" -> traces = Path.of(value);
        default -> throw new IllegalArgumentException("unknown: " + arguments[i]);
      }
    }
    System.exit(run(first, last, options.with(mutation), traces, System.out));
  }

  private static int run(long first, long last, SimOptions options, Path traces, PrintStream out)
      throws IOException {
    Files.createDirectories(traces);
    boolean keepAll = first == last;
    long failed =
        LongStream.rangeClosed(first, last)
            .parallel()
            .mapToObj(seed -> Simulation.run(seed, options))
            .filter(result -> {
              if (result.violation().isEmpty() && !keepAll) {
                return false;
              }
              Path file = traces.resolve("seed-" + result.seed() + ".trace");
              try {
                Files.writeString(file, result.trace());
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
              out.println(result.summary() + "\n  trace: " + file);
              return result.violation().isPresent();
            })
            .count();
    out.println((last - first + 1) + " seeds, " + failed + " failed");
    return failed > 0 ? 1 : 0;
  }
}
