package io.quorate.jepsen.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Three servers of one store in processes of their own, all on this machine's loopback. */
final class ServerGroup implements AutoCloseable {

  /** How many servers. */
  static final int SIZE = 3;

  private final String name;
  private final String version;
  private final Path directory;
  private final List<Integer> ports;
  private final List<List<String>> commands;
  private final List<Process> processes = new ArrayList<>();

  /**
   * @param ports where each serves etcd's API
   * @param commands the command line of each; the same one starts it again on its data
   */
  ServerGroup(
      String name,
      String version,
      Path directory,
      List<Integer> ports,
      List<List<String>> commands) {
    this.name = name;
    this.version = version;
    this.directory = directory;
    this.ports = List.copyOf(ports);
    this.commands = List.copyOf(commands);
  }

  /** Starts all; returns before they serve. */
  void start() {
    for (List<String> command : commands) {
      processes.add(launch(command, processes.size()));
    }
  }

  private Process launch(List<String> command, int index) {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(
              ProcessBuilder.Redirect.appendTo(
                  directory.resolve(name + (index + 1) + ".log").toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String name() {
    return name;
  }

  String version() {
    return version;
  }

  List<Integer> ports() {
    return ports;
  }

  long pid(int index) {
    return processes.get(index).pid();
  }

  List<Long> pids() {
    return processes.stream().map(Process::pid).toList();
  }

  /** Kills server {@code index} and waits for its end. */
  void kill(int index) {
    Process process = processes.get(index);
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts server {@code index} again, on what it has on disk. */
  void restart(int index) {
    processes.set(index, launch(commands.get(index), index));
  }

  /** Kills all and removes their data. */
  @Override
  public void close() {
    for (int i = 0; i < processes.size(); i++) {
      kill(i);
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
