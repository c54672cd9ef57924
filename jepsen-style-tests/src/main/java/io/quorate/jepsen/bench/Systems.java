package io.quorate.jepsen.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The stores that can be measured, each as three servers that are not started yet. */
final class Systems {

  private Systems() {}

  /**
   * Quorate's store.
   *
   * @param base first of nine free ports
   * @param java options of the Java virtual machine, as the agent's
   */
  static ServerGroup quorate(
      String group,
      Path directory,
      int base,
      List<String> java,
      String classPath,
      int min,
      int max) {
    List<String> layout = new ArrayList<>();
    for (int i = 0; i < ServerGroup.SIZE; i++) {
      layout.addAll(List.of("db" + (i + 1), port(base, i), port(base + 3, i), port(base + 6, i)));
    }
    List<List<String>> commands = new ArrayList<>();
    for (int i = 0; i < ServerGroup.SIZE; i++) {
      String name = "db" + (i + 1);
      List<String> command = new ArrayList<>(List.of("env", "MALLOC_ARENA_MAX=1"));
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(java);
      command.addAll(
          List.of(
              "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
              "-cp",
              classPath,
              StoreProcess.class.getName(),
              name,
              made(directory.resolve(name)).toString(),
              Integer.toString(min),
              Integer.toString(max)));
      command.addAll(layout);
      commands.add(command);
    }
    return new ServerGroup(
        group, "Java " + Runtime.version(), directory, etcdPorts(base + 6), commands);
  }

  /** etcd, if it is installed. */
  static Optional<ServerGroup> etcd(Path directory, int base) {
    Optional<Path> program = onPath("etcd");
    return program.map(etcd -> {
      String cluster =
          IntStream.range(0, ServerGroup.SIZE)
              .mapToObj(i -> "m" + (i + 1) + "=http://127.0.0.1:" + port(base, i))
              .collect(Collectors.joining(","));
      List<List<String>> commands = new ArrayList<>();
      for (int i = 0; i < ServerGroup.SIZE; i++) {
        String peer = "http://127.0.0.1:" + port(base, i);
        String client = "http://127.0.0.1:" + port(base + 3, i);
        commands.add(
            List.of(
                etcd.toString(),
                "--name=m" + (i + 1),
                "--data-dir=" + directory.resolve("m" + (i + 1)),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=" + cluster));
      }
      return new ServerGroup(
          "etcd", firstLine(etcd + " --version"), directory, etcdPorts(base + 3), commands);
    });
  }

  private static List<Integer> etcdPorts(int base) {
    return IntStream.range(0, ServerGroup.SIZE).mapToObj(i -> base + i).toList();
  }

  private static String port(int base, int index) {
    return Integer.toString(base + index);
  }

  private static Path made(Path directory) {
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> onPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static String firstLine(String command) {
    try {
      Process process =
          new ProcessBuilder(command.split(" ", -1)).redirectErrorStream(true).start();
      try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
        String line = reader.readLine();
        return line == null ? "version unknown" : line;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
