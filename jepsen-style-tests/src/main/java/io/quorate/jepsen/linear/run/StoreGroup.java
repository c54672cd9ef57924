package io.quorate.jepsen.linear.run;

import io.quorate.jepsen.real.HostNetwork;
import io.quorate.jepsen.real.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Three members of a store in processes of their own, on hosts of a network. */
final class StoreGroup implements AutoCloseable {

  static final int SIZE = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HostNetwork network;
  private final Path directory;
  private final int snapshotEntries;
  private final List<String> layout = new ArrayList<>();
  private final Map<Integer, StoreMember> members = new ConcurrentHashMap<>();

  /** Starts one whose members take a snapshot after so many entries, and keep none behind it. */
  static StoreGroup start(HostNetwork network, int snapshotEntries) {
    StoreGroup group = new StoreGroup(network, snapshotEntries);
    try {
      for (int i = 1; i <= SIZE; i++) {
        group.open(i);
      }
      await("three voters and a leader", () -> group.leader().isPresent() && group.complete());
      return group;
    } catch (AssertionError | UncheckedIOException e) {
      group.close();
      throw e;
    }
  }

  private StoreGroup(HostNetwork network, int snapshotEntries) {
    this.network = network;
    this.snapshotEntries = snapshotEntries;
    try {
      this.directory = Files.createTempDirectory("quorate-linear-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int base = Ports.freeBlock();
    for (int i = 1; i <= SIZE; i++) {
      layout.addAll(
          List.of(
              name(i),
              network.peerAddress(i),
              Integer.toString(base + 2 * i),
              Integer.toString(base + 2 * i + 1)));
    }
  }

  private static String name(int index) {
    return "db" + index;
  }

  HostNetwork network() {
    return network;
  }

  /** Starts member {@code index} and waits until its process answers. */
  void open(int index) {
    StoreMember member = launch(index);
    await("the process of " + name(index), () -> member.ready().isDone() || !member.alive());
    if (!member.alive()) {
      throw new AssertionError("the process of " + name(index) + " ended:\n" + lastWords(index));
    }
  }

  private String lastWords(int index) {
    try {
      List<String> lines = Files.readAllLines(log(index));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    } catch (IOException e) {
      return "its log cannot be read: " + e;
    }
  }

  private StoreMember launch(int index) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                StoreHost.class.getName(),
                name(index),
                directory.toString(),
                Integer.toString(snapshotEntries),
                "0"));
    command.addAll(layout);
    try {
      StoreMember member =
          new StoreMember(
              name(index),
              new ProcessBuilder(network.on(index, command))
                  .redirectError(ProcessBuilder.Redirect.appendTo(log(index).toFile()))
                  .start());
      members.put(index, member);
      return member;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts member {@code index}, which must refuse to run.
   *
   * @return what it said
   */
  String openRefused(int index) {
    Path log = log(index);
    try {
      long before = Files.exists(log) ? Files.size(log) : 0;
      StoreMember member = launch(index);
      await("the end of " + name(index), () -> !member.alive());
      return Files.readString(log).substring((int) before);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path log(int index) {
    return directory.resolve(name(index) + ".log");
  }

  /** Where member {@code index} keeps everything. */
  Path home(int index) {
    return directory.resolve(name(index));
  }

  /** Where it keeps log, snapshots and identity. */
  Path data(int index) {
    return home(index).resolve("raft");
  }

  /** The second copy of its identity. */
  Path identityCopy(int index) {
    return home(index).resolve("raft.identity");
  }

  /** Ends member {@code index} and empties its storage, but for the second copy of its identity. */
  void wipe(int index) {
    member(index).kill();
    deleteTree(data(index));
  }

  /** Takes the emptied member {@code index} in again under a new identity, and starts it. */
  void replace(int index) {
    int asked = index % SIZE + 1;
    String id = id(asked, index);
    try {
      Files.deleteIfExists(identityCopy(index));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    launch(index);
    change(asked, "replace " + name(index) + " " + id);
    await(name(index) + " answers", () -> member(index).ready().isDone() && member(index).alive());
  }

  /** Takes member {@code index} away, and in again under the identity that it has. */
  void removeAndAdd(int index) {
    int asked = index % SIZE + 1;
    change(asked, "remove " + name(index) + " " + id(asked, index));
    List<String> entry = layout.subList(4 * index - 4, 4 * index);
    change(
        asked,
        "add %s %s:%s %s:%s"
            .formatted(entry.get(0), entry.get(1), entry.get(2), entry.get(1), entry.get(3)));
  }

  private String id(int asked, int index) {
    return Stream.of(member(asked).send("members").join().split(" ", -1))
        .filter(id -> id.startsWith(name(index) + "-"))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name(index) + " is no voter"));
  }

  /** Repeats a wish, as an operator's program does, until it is done. */
  private void change(int asked, String what) {
    List<String> said = new ArrayList<>();
    long[] last = {0};
    try {
      await(
          what,
          () -> {
            if (System.nanoTime() - last[0] < Duration.ofMillis(300).toNanos()) {
              return false;
            }
            last[0] = System.nanoTime();
            String answer =
                answer(asked, "change " + what, Duration.ofSeconds(5)).orElse("no answer");
            if (said.isEmpty() || !said.getLast().equals(answer)) {
              said.add(answer);
            }
            return answer.startsWith("done DONE");
          });
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + ": " + said + "\n" + logs(), e);
    }
  }

  /** What the members said last. */
  private String logs() {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= SIZE; i++) {
      try {
        List<String> lines =
            Files.readAllLines(log(i)).stream().filter(line -> !line.startsWith("\tat")).toList();
        text.append("== ").append(name(i)).append('\n');
        lines
            .subList(Math.max(0, lines.size() - 30), lines.size())
            .forEach(line -> text.append(line).append('\n'));
      } catch (IOException e) {
        text.append(e).append('\n');
      }
    }
    return text.toString();
  }

  /** Waits until all are voters that answer. */
  void awaitComplete() {
    await("three voters and a leader", () -> leader().isPresent() && complete());
  }

  /** The process of member {@code index} as it is now. */
  StoreMember member(int index) {
    StoreMember member = members.get(index);
    if (member == null) {
      throw new IllegalArgumentException("no member " + index);
    }
    return member;
  }

  /** Any member. */
  int any(RandomGenerator random) {
    return 1 + random.nextInt(SIZE);
  }

  /** Who says that it leads, of those that answer soon. */
  Optional<Integer> leader() {
    for (int i = 1; i <= SIZE; i++) {
      if (soon(i, "status").filter(status -> status.startsWith("true")).isPresent()) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  private boolean complete() {
    for (int i = 1; i <= SIZE; i++) {
      if (soon(i, "status").filter(status -> status.endsWith(" " + SIZE)).isEmpty()
          || soon(i, "problem").filter(StoreCommands.ABSENT::equals).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private Optional<String> soon(int index, String command) {
    return answer(index, command, Duration.ofMillis(500));
  }

  private Optional<String> answer(int index, String command, Duration bound) {
    try {
      return Optional.of(member(index).send(command).get(bound.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /**
   * Compares the replicas once all have applied the same entries, which no clock may prevent for
   * long: nobody writes any more but the ends of leases.
   *
   * @return what differs; empty if nothing does
   */
  Optional<String> difference() {
    List<String> digests = new ArrayList<>();
    await(
        "replicas at the same index",
        () -> {
          digests.clear();
          for (int i = 1; i <= SIZE; i++) {
            digests.add(soon(i, "digest").orElse("no answer from " + name(i)));
          }
          return digests.stream().map(d -> d.split(" ", 2)[0]).distinct().count() == 1;
        });
    return digests.stream().distinct().count() == 1
        ? Optional.empty()
        : Optional.of("replicas differ (index and hash): " + digests);
  }

  static void await(String what, BooleanSupplier condition) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - began > PATIENCE.toNanos()) {
        throw new AssertionError("not within " + PATIENCE + ": " + what);
      }
      pause(Duration.ofMillis(10));
    }
  }

  static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  @Override
  public void close() {
    members.values().forEach(StoreMember::kill);
    network.close();
    deleteTree(directory);
  }

  private static void deleteTree(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
