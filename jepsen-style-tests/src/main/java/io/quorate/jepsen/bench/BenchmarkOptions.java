package io.quorate.jepsen.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is measured, and how long.
 *
 * @param rows names of rows, or beginnings of such; all, if empty
 * @param time for which each row is measured in each round
 * @param java options of Quorate's Java virtual machine
 * @param variant options of a second Quorate beside the first one, to compare the two
 * @param variantClassPath class path of that one
 * @param directory on the disk to be measured
 * @param port first of twenty free ones; 0: some are looked for
 * @param electionMin least election timeout of Quorate in milliseconds
 * @param electionMax longest one
 */
record BenchmarkOptions(
    List<String> rows,
    int rounds,
    Duration warmUp,
    Duration time,
    List<String> java,
    Optional<List<String>> variant,
    String variantClassPath,
    Path directory,
    boolean etcd,
    Optional<Path> plot,
    int port,
    int electionMin,
    int electionMax) {

  static final String USAGE =
      """
      Options, each followed by its value:
        --rows NAME,NAME  rows, or beginnings of their names (put, get-1, ...); default all
        --rounds N        how often each row is measured in each system; default 3
        --seconds N       for how long each time; default 5
        --warm-up N       seconds before it, in the first round; default 6
        --java-options F  file with the options of Quorate's Java virtual machine, as java's @F
        --java "..."      more such options
        --variant "..."   measure a second Quorate beside, with these options instead (@FILE: those of a file)
        --variant-class-path FILE  file with the class path of that one
        --directory DIR   where the servers' data go; default: the directory for temporary files
        --etcd yes|no     whether etcd is measured, if it is on PATH; default yes
        --plot FILE       where the plot goes, as SVG
        --port N          first of twenty free ports; default: looked for
        --election MIN,MAX  election timeouts of Quorate in milliseconds; default 300,800\
      """;

  private static final List<String> FOR_EVERY_JVM =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  /** Copies the lists. */
  BenchmarkOptions {
    rows = List.copyOf(rows);
    java = List.copyOf(java);
  }

  /** Whether the row of that name is measured. */
  boolean wants(String name) {
    return rows.isEmpty()
        || rows.stream().anyMatch(row -> name.equals(row) || name.startsWith(row + "-"));
  }

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException naming the option that is wrong
   */
  static BenchmarkOptions parse(String[] arguments) {
    if (arguments.length % 2 != 0) {
      throw new IllegalArgumentException(
          arguments[arguments.length - 1] + ": every option needs a value");
    }
    List<String> rows = List.of();
    int rounds = 3;
    int seconds = 5;
    int warmUp = 6;
    List<String> java = new ArrayList<>(FOR_EVERY_JVM);
    Optional<List<String>> variant = Optional.empty();
    String variantClassPath = System.getProperty("java.class.path");
    Path directory = Path.of(System.getProperty("java.io.tmpdir"));
    boolean etcd = true;
    Optional<Path> plot = Optional.empty();
    int port = 0;
    List<String> election = List.of("300", "800");
    for (int i = 0; i < arguments.length; i += 2) {
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--rows" -> rows = List.of(value.split(",", -1));
        case "--rounds" -> rounds = number(arguments[i], value);
        case "--seconds" -> seconds = number(arguments[i], value);
        case "--warm-up" -> warmUp = number(arguments[i], value);
        case "--java-options" -> java.addAll(file(value));
        case "--java" -> java.addAll(StoreBenchmark.words(value));
        case "--variant" -> variant = Optional.of(variant(value));
        case "--variant-class-path" -> variantClassPath = text(value).strip();
        case "--directory" -> directory = Path.of(value);
        case "--etcd" -> etcd = value.equals("yes");
        case "--plot" -> plot = Optional.of(Path.of(value));
        case "--port" -> port = number(arguments[i], value);
        case "--election" -> election = List.of(value.split(",", 2));
        default -> throw new IllegalArgumentException(arguments[i] + ": no such option");
      }
    }
    if (election.size() != 2) {
      throw new IllegalArgumentException("--election: two numbers are needed, as in 300,800");
    }
    return new BenchmarkOptions(
        rows,
        rounds,
        Duration.ofSeconds(warmUp),
        Duration.ofSeconds(seconds),
        java,
        variant,
        variantClassPath,
        directory,
        etcd,
        plot,
        port,
        number("--election", election.getFirst()),
        number("--election", election.getLast()));
  }

  private static List<String> variant(String options) {
    List<String> all = new ArrayList<>(FOR_EVERY_JVM);
    for (String word : StoreBenchmark.words(options)) {
      all.addAll(word.startsWith("@") ? file(word.substring(1)) : List.of(word));
    }
    return all;
  }

  private static int number(String option, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + ": '" + value + "' is not a number", e);
    }
  }

  private static List<String> file(String name) {
    List<String> options = new ArrayList<>();
    for (String line : text(name).lines().toList()) {
      if (!line.startsWith("#")) {
        options.addAll(StoreBenchmark.words(line));
      }
    }
    return options;
  }

  private static String text(String name) {
    try {
      return Files.readString(Path.of(name));
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }
}
