package io.quorate.jepsen.linear.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** One process of a store, as its clients see it. Any thread may call. */
final class StoreMember {

  /** What is answered to all that was under way when the process ended. */
  static final String UNKNOWN = "unknown";

  private final String name;
  private final Process process;
  private final PrintStream in;
  private final AtomicLong ids = new AtomicLong();
  private final Map<String, CompletableFuture<String>> waiting = new ConcurrentHashMap<>();
  private final Map<String, WatchLog> watches = new ConcurrentHashMap<>();
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private volatile boolean ended;

  StoreMember(String name, Process process) {
    this.name = name;
    this.process = process;
    this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    waiting.put("0", ready);
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        took(line);
      }
    } catch (IOException e) {
      // Ended in the middle of a line.
      ended = true;
    }
    ended = true;
    waiting.values().forEach(future -> future.complete(UNKNOWN));
    waiting.clear();
  }

  private void took(String line) {
    String[] words = line.split(" ", 3);
    if (words[0].equals("w") || words[0].equals("e")) {
      WatchLog log = watches.get(words[1]);
      if (log != null) {
        log.took(words[0].equals("e"), words[2]);
      }
      return;
    }
    CompletableFuture<String> future = waiting.remove(words[0]);
    if (future != null) {
      future.complete(line.substring(words[0].length() + 1));
    }
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return !ended && process.isAlive();
  }

  CompletableFuture<String> ready() {
    return ready;
  }

  /** Sends a command. Its answer may take long, and is "unknown" if the process ends before. */
  CompletableFuture<String> send(String command) {
    return send(Long.toString(ids.incrementAndGet()), command);
  }

  private CompletableFuture<String> send(String id, String command) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    synchronized (in) {
      in.println(id + " " + command);
    }
    if (ended) {
      answer.complete(UNKNOWN);
    }
    return answer;
  }

  /** Watches a prefix from a revision on; {@code log} hears of it until the process ends. */
  void watch(String prefix, long from, WatchLog log) {
    String id = Long.toString(ids.incrementAndGet());
    watches.put(id, log);
    var _ = send(id, "watch " + prefix + " " + from);
  }

  void signal(String signal) {
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(pid())).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Kills it and waits for its end. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
