package io.quorate.store.raft;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Members in processes of their own, which can be stopped, continued and killed. */
final class ProcessCluster implements AutoCloseable {
  private final Path dir;
  private final List<String> layout = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final Map<String, Child> children = new TreeMap<>();

  /** One member's process. */
  static final class Child {
    private final Process process;
    private final PrintStream in;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private Child(Process process) {
      this.process = process;
      this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
      answers.put("0", ready);
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          int space = line.indexOf(' ');
          CompletableFuture<String> answer =
              answers.get(space < 0 ? line : line.substring(0, space));
          if (answer != null) {
            answer.complete(line.substring(space + 1));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Sends a command; its answer may come much later. */
    CompletableFuture<String> send(String command) {
      String id = Long.toString(ids.incrementAndGet());
      CompletableFuture<String> answer = new CompletableFuture<>();
      answers.put(id, answer);
      in.println(id + " " + command);
      return answer;
    }

    String ask(String command) {
      return Await.value(send(command));
    }

    void signal(String signal) {
      run("kill", "-" + signal, Long.toString(process.pid()));
    }

    /** Stops it, and waits until each of its threads stands still. */
    void stop() {
      signal("STOP");
      Await.until("it stands still", this::standsStill);
    }

    private boolean standsStill() {
      Path tasks = Path.of("/proc", Long.toString(process.pid()), "task");
      try (Stream<Path> threads = Files.list(tasks)) {
        return threads.allMatch(thread -> state(thread) == 'T');
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Of {@code pid (name) state ...}, where the name may hold anything. */
    private static char state(Path thread) {
      try {
        String stat = Files.readString(thread.resolve("stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
      } catch (IOException _) {
        // It ended meanwhile.
        return 'T';
      }
    }

    /** How large its files may become from now on. */
    void limitFiles(String bytes) {
      run("prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + bytes + ":unlimited");
    }

    private static void run(String... command) {
      try {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
          throw new IllegalStateException(String.join(" ", command) + " ended with " + status);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  ProcessCluster(Path dir, int size) {
    this.dir = dir;
    for (int i = 1; i <= size; i++) {
      names.add("db" + i);
      layout.add("db" + i);
      layout.add(Integer.toString(TestPorts.free().port()));
      layout.add(Integer.toString(TestPorts.free().port()));
    }
  }

  ProcessCluster start() {
    names.forEach(this::open);
    names.forEach(name -> Await.value(child(name).ready));
    Await.until(
        "all are voters",
        () ->
            children.values().stream()
                .allMatch(child ->
                    child.ask("voters").equals("" + names.size())
                        && child.ask("problem").equals("none")));
    return this;
  }

  void open(String name) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dquorate.test.log=" + System.getProperty("quorate.test.log", "OFF"));
    command.add("-Xmx128m");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(StoreProcess.class.getName());
    command.add(name);
    command.add(dir.toString());
    command.addAll(layout);
    try {
      children.put(
          name,
          new Child(
              new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Child child(String name) {
    Child child = children.get(name);
    if (child == null) {
      throw new IllegalArgumentException("no process " + name);
    }
    return child;
  }

  List<String> names() {
    return names;
  }

  /** Name of the one that leads, not counting those that cannot answer. */
  String leader(List<String> among) {
    Await.until("a leader", () -> among.stream().anyMatch(this::leads));
    return among.stream().filter(this::leads).findFirst().orElseThrow();
  }

  private boolean leads(String name) {
    return child(name).ask("leads").equals("true");
  }

  void kill(String name) {
    Child child = child(name);
    children.remove(name);
    child.process.destroyForcibly();
  }

  @Override
  public void close() {
    children.values().forEach(child -> child.process.destroyForcibly());
    for (Child child : children.values()) {
      try {
        child.process.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
