package io.quorate.jepsen.bench;

import io.quorate.jepsen.real.Ports;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures the store, and beside it etcd where that is installed: three servers of each, in turn
 * within one run, on one disk, with the same clients. Prints a table, and writes a plot.
 */
public final class StoreBenchmark {

  private StoreBenchmark() {}

  /** Runs the benchmark; see {@link BenchmarkOptions} for the arguments. */
  public static void main(String[] arguments) throws IOException {
    PrintStream out = System.out;
    BenchmarkOptions options;
    try {
      options = BenchmarkOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(BenchmarkOptions.USAGE);
      System.exit(2);
      return;
    }
    String report = run(options, out);
    out.println(report);
    System.exit(0);
  }

  private static String run(BenchmarkOptions options, PrintStream out) throws IOException {
    Path root = Files.createTempDirectory(options.directory(), "quorate-bench-");
    List<ServerGroup> groups = new ArrayList<>();
    int base = options.port() > 0 ? options.port() : Ports.freeBlock();
    groups.add(
        quorate(
            "quorate", root, base, options.java(), System.getProperty("java.class.path"), options));
    if (options.variant().isPresent()) {
      groups.add(
          quorate(
              "variant",
              root,
              base + 20,
              options.variant().get(),
              options.variantClassPath(),
              options));
    }
    if (options.etcd()) {
      Systems.etcd(Files.createDirectory(root.resolve("etcd")), base + 10)
          .ifPresentOrElse(
              groups::add, () -> out.println("etcd is not on PATH: only Quorate is measured"));
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              groups.forEach(ServerGroup::close);
              root.toFile().delete();
            }));
    String before = ProcFiles.machine();
    Figures figures = new Figures(groups.stream().map(ServerGroup::name).toList());
    try (EtcdClients clients = new EtcdClients()) {
      groups.forEach(ServerGroup::start);
      groups.forEach(clients::awaitAll);
      measure(options, clients, groups, figures, out);
    }
    String conditions =
        "%s at the start, %s at the end; %s; JVM options of Quorate: %s; %d rounds of %s a row; disk %s"
            .formatted(
                before,
                ProcFiles.load(),
                String.join("; ", groups.stream().map(g -> g.name() + " " + g.version()).toList()),
                String.join(" ", options.java()),
                options.rounds(),
                options.time(),
                Files.getFileStore(root));
    if (options.plot().isPresent()) {
      Files.writeString(options.plot().get(), Plot.of(figures), StandardCharsets.UTF_8);
    }
    return figures.table() + "\n" + conditions;
  }

  private static ServerGroup quorate(
      String name,
      Path root,
      int base,
      List<String> java,
      String classPath,
      BenchmarkOptions options)
      throws IOException {
    return Systems.quorate(
        name,
        Files.createDirectory(root.resolve(name)),
        base,
        java,
        classPath,
        options.electionMin(),
        options.electionMax());
  }

  private static void measure(
      BenchmarkOptions options,
      EtcdClients clients,
      List<ServerGroup> groups,
      Figures figures,
      PrintStream out) {
    for (Row row : Rows.all()) {
      if (!options.wants(row.name())) {
        continue;
      }
      int rounds = row.alike() ? options.rounds() : 1;
      for (int round = 0; round < rounds; round++) {
        List<ServerGroup> order = round % 2 == 0 ? groups : groups.reversed();
        for (ServerGroup group : order) {
          Duration warmUp = round == 0 ? options.warmUp() : options.warmUp().dividedBy(4);
          Row.Sample sample =
              row.measurement().measure(new Row.Target(clients, group, warmUp, options.time()));
          figures.add(row.name(), group.name(), sample);
          out.printf(
              "%s %s %d: %s (load %s)%n",
              row.name(), group.name(), round + 1, Figures.text(sample), ProcFiles.load());
        }
      }
    }
  }

  /** Splits options at blanks. */
  static List<String> words(String text) {
    return text.isBlank() ? List.of() : Arrays.asList(text.trim().split("\\s+", -1));
  }
}
