package io.quorate.rpc.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs etcd's own command line client. */
final class Etcdctl {

  private static final int LIMIT_SECONDS = 60;

  private final String endpoints;

  Etcdctl(String endpoints) {
    this.endpoints = endpoints;
  }

  /** How it ended. */
  record Result(int status, String out, String err) {
    /** Standard output; fails where the command did. */
    String ok() {
      if (status != 0) {
        throw new AssertionError("etcdctl ended with " + status + ": " + err + out);
      }
      return out;
    }

    /** The last line of standard error, which etcdctl puts its error in. */
    String error() {
      return err.strip().lines().reduce("", (_, last) -> last);
    }
  }

  /**
   * Where a program lies; fails, saying what to install, where it does not.
   *
   * @param debianPackage that it is part of
   */
  static Path program(String name, String debianPackage) {
    return find(name)
        .orElseThrow(() ->
            new AssertionError(
                "'"
                    + name
                    + "' is not on PATH, so nothing shows that etcd's clients work: install it"
                    + " (Debian: apt-get install "
                    + debianPackage
                    + ")"));
  }

  static java.util.Optional<Path> find(String name) {
    for (String dir : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      Path file = Path.of(dir, name);
      if (!dir.isEmpty() && Files.isExecutable(file)) {
        return java.util.Optional.of(file);
      }
    }
    return java.util.Optional.empty();
  }

  Result run(String... args) {
    return runWith("", args);
  }

  /** Runs with {@code input} on standard input. */
  Result runWith(String input, String... args) {
    Process process = start(args);
    CompletableFuture<String> out = read(process.getInputStream());
    CompletableFuture<String> err = read(process.getErrorStream());
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without reading: its status tells.
    }
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("etcdctl " + String.join(" ", args) + " did not end");
      }
      return new Result(
          process.exitValue(),
          out.get(LIMIT_SECONDS, TimeUnit.SECONDS),
          err.get(LIMIT_SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Starts a command that goes on; the caller ends it. */
  Process start(String... args) {
    List<String> command = new ArrayList<>();
    command.add(program("etcdctl", "etcd-client").toString());
    command.add("--endpoints=" + endpoints);
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ETCDCTL_API", "3");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CompletableFuture<String> read(java.io.InputStream stream) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
          } catch (IOException e) {
            text.completeExceptionally(e);
          }
        });
    return text;
  }
}
