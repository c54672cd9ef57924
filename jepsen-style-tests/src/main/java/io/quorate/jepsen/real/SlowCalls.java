package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Makes system calls of one running process late, or fail, by {@code strace}; other processes of
 * the host keep theirs. Closing lets the process go on as it was.
 */
public final class SlowCalls implements AutoCloseable {

  private static final Duration ATTACH = Duration.ofSeconds(20);

  private final Process strace;
  private final Path trace;

  private SlowCalls(Process strace, Path trace) {
    this.strace = strace;
    this.trace = trace;
  }

  /** Each flush to disk takes {@code delay} longer: a disk at its limits. */
  public static SlowCalls disk(long pid, Duration delay) {
    return of(pid, "fsync,fdatasync", delay);
  }

  /** Each flush to disk and each message takes {@code delay} longer. */
  static SlowCalls diskAndMessages(long pid, Duration delay) {
    return of(pid, "fsync,fdatasync,write,writev,sendto,sendmsg", delay);
  }

  /** Each flush to disk fails: a disk that is breaking. */
  public static SlowCalls failingDisk(long pid) {
    return inject(pid, "fsync,fdatasync", "error=EIO");
  }

  private static SlowCalls of(long pid, String calls, Duration delay) {
    return inject(pid, calls, "delay_enter=" + delay.toNanos() / 1_000);
  }

  private static SlowCalls inject(long pid, String calls, String what) {
    try {
      Path trace = Files.createTempFile("quorate-slow-", ".trace");
      Process strace =
          new ProcessBuilder(
                  "strace",
                  "-f",
                  "-o",
                  trace.toString(),
                  "-e",
                  "trace=" + calls,
                  "-e",
                  "signal=none",
                  "-e",
                  "inject=%s:%s".formatted(calls, what),
                  "-p",
                  Long.toString(pid))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      SlowCalls slow = new SlowCalls(strace, trace);
      Patience.await(
          "strace at every thread of process "
              + pid
              + " (run as root, or allow it: kernel.yama.ptrace_scope=0)",
          ATTACH,
          () -> traced(pid, strace.pid()),
          () -> "strace " + (strace.isAlive() ? "runs" : "ended with " + strace.exitValue()));
      return slow;
    } catch (IOException e) {
      throw new UncheckedIOException("strace is needed: install the package strace", e);
    }
  }

  private static boolean traced(long pid, long tracer) {
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      return threads.allMatch(thread -> tracedBy(thread, tracer));
    } catch (IOException e) {
      throw new UncheckedIOException("no process " + pid, e);
    }
  }

  private static boolean tracedBy(Path thread, long tracer) {
    try {
      List<String> status = Files.readAllLines(thread.resolve("status"));
      return status.contains("TracerPid:\t" + tracer);
    } catch (IOException _) {
      // The thread ended meanwhile.
      return true;
    }
  }

  /** How many calls were made late so far: none means that the fault was none. */
  public long delayed() {
    try (Stream<String> lines = Files.lines(trace)) {
      return lines.filter(line -> line.contains("(DELAYED)")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    strace.destroy();
    try {
      if (!strace.waitFor(10, TimeUnit.SECONDS)) {
        strace.destroyForcibly();
      }
      Files.deleteIfExists(trace);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
