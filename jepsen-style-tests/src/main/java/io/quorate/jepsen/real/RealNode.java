package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One host: an agent, its PostgreSQL, its guardian. Ends only processes that it started. */
public final class RealNode {

  private final String name;
  private final Path directory;
  private final Path config;
  private final int index;
  private final int base;
  private List<String> program;
  private final HostNetwork network;
  private final boolean witness;
  private @Nullable Process agent;

  RealNode(
      int index,
      int base,
      Path directory,
      List<String> program,
      HostNetwork network,
      boolean witness) {
    this.name = "node" + index;
    this.network = network;
    this.witness = witness;
    this.index = index;
    this.base = base;
    this.directory = directory;
    this.config = directory.resolve("quorate.yml");
    this.program = List.copyOf(program);
  }

  /** Whether it only votes in the store. */
  public boolean isWitness() {
    return witness;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Address under which clients reach it. */
  public String address() {
    return network.clientAddress(index);
  }

  /** Address under which the other nodes reach it. */
  String peerAddress() {
    return network.peerAddress(index);
  }

  /** Cuts it off from the other nodes; clients still reach it. */
  void cut() {
    network.cut(index);
  }

  /** Lets the other nodes reach it again. */
  void heal() {
    network.heal(index);
  }

  /** Port of its PostgreSQL. */
  public int postgresPort() {
    return base + index;
  }

  /** Port of its REST API. */
  public int restPort() {
    return base + 10 + index;
  }

  /** Port of its gRPC services. */
  public int grpcPort() {
    return base + 20 + index;
  }

  int raftPort() {
    return base + 30 + index;
  }

  int memberPort() {
    return base + 40 + index;
  }

  /** Port for etcd's clients, where its file opens one. */
  int etcdPort() {
    return base + 50 + index;
  }

  Path dataDirectory() {
    return directory.resolve("pgdata");
  }

  /** Where the store keeps its log and the first copy of its identity. */
  Path raftDirectory() {
    return directory.resolve("raft");
  }

  /** The second copy of its store's identity. */
  Path identityCopy() {
    return directory.resolve("state/store.identity");
  }

  /** Whose agent does not run loses what the store keeps here, both copies of its identity too. */
  void wipeStore() {
    try (Stream<Path> files = Files.walk(raftDirectory())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
      Files.delete(identityCopy());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path directory() {
    return directory;
  }

  /** The agent's log. */
  public Path log() {
    return directory.resolve("agent.log");
  }

  /** Starts the agent. */
  public void startAgent() {
    // A JVM leaves a signal alone that its parent ignores, as one started by nohup does.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
    command.addAll(program);
    command.addAll(List.of("run", config.toString()));
    try {
      agent =
          new ProcessBuilder(network.on(index, Unprivileged.command(command)))
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts a command that asks this member alone, as a process of its own.
   *
   * @param output gets both its streams
   */
  Process startCommand(Path output, String... arguments) {
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of(arguments));
    command.addAll(List.of("--grpc-address", address() + ":" + grpcPort()));
    try {
      return new ProcessBuilder(network.on(index, Unprivileged.command(command)))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.to(output.toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the next agents from {@code upgraded}. */
  void program(List<String> upgraded) {
    program = List.copyOf(upgraded);
  }

  /**
   * Runs the program on this host until it ends.
   *
   * @param input its standard input
   */
  Cli.Result run(String input, String... arguments) {
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(network.on(index, Unprivileged.command(command)))
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Cli.Result(process.waitFor(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Its configuration. */
  public Path config() {
    return config;
  }

  /**
   * Exit status of the agent that was started last.
   *
   * @throws AssertionError with its log when it does not end within {@code bound}
   */
  public int awaitAgentEnd(Duration bound) {
    Process process = agent;
    Patience.await(
        "end of the agent of " + name,
        bound,
        () -> process != null && !process.isAlive(),
        () -> logTail(20));
    return process == null ? -1 : process.exitValue();
  }

  /** Pid of the agent, while it runs. */
  public Optional<Long> agentPid() {
    return Optional.ofNullable(agent).filter(Process::isAlive).map(Process::pid);
  }

  /** Pid of the postmaster, from {@code postmaster.pid}. */
  public Optional<Long> postmasterPid() {
    try {
      return Files.readAllLines(dataDirectory().resolve("postmaster.pid")).stream()
          .findFirst()
          .map(line -> Long.parseLong(line.trim()));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Pids of every process whose working directory is this node's PGDATA: the instance. */
  public List<Long> instancePids() {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(p -> p.getFileName().toString().matches("[0-9]+"))
          .filter(this::livesInDataDirectory)
          .map(p -> Long.parseLong(p.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean livesInDataDirectory(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).equals(dataDirectory());
    } catch (IOException e) {
      return false;
    }
  }

  /** Sends {@code signal} to the agent. */
  public void signalAgent(String signal) {
    agentPid().ifPresent(pid -> signal(signal, List.of(pid)));
  }

  /** Sends {@code signal} to every process of the instance. */
  void signalPostgres(String signal) {
    signal(signal, instancePids());
  }

  /** Sends {@code signal} to the postmaster alone, as {@code pg_ctl} does. */
  void signalPostmaster(String signal) {
    signal(signal, postmasterPid().stream().toList());
  }

  /** Sends {@code signal} to one process of the instance. */
  void signalProcess(String signal, long pid) {
    signal(signal, instancePids().stream().filter(own -> own == pid).toList());
  }

  /** The process that makes the checkpoints. */
  long checkpointer() {
    return instancePids().stream()
        .filter(pid -> commandLine(Path.of("/proc", pid.toString())).contains("checkpointer"))
        .findFirst()
        .orElseThrow();
  }

  /** Kills the whole instance: postmaster and backends. */
  public void killPostgres() {
    signal("KILL", instancePids());
  }

  /** Kills agent and instance in one go, as when the host is lost; the guardian with them. */
  public void killHost() {
    List<Long> all = new ArrayList<>(agentPid().stream().toList());
    all.addAll(processesMentioning(directory.toString()));
    all.addAll(instancePids());
    signal("KILL", all);
  }

  /** Processes of this node by its directory on their command line (the guardian). */
  List<Long> processesMentioning(String text) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(p -> p.getFileName().toString().matches("[0-9]+"))
          .filter(p -> commandLine(p).contains(text))
          .map(p -> Long.parseLong(p.getFileName().toString()))
          .filter(pid -> pid != ProcessHandle.current().pid())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String commandLine(Path process) {
    try {
      return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static void signal(String signal, List<Long> pids) {
    if (pids.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    pids.stream().distinct().map(String::valueOf).forEach(command::add);
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Last lines of the agent's log, for a failure's message. */
  public String logTail(int lines) {
    try {
      List<String> all = Files.readAllLines(log());
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException e) {
      return "no log: " + e.getMessage();
    }
  }
}
