package io.quorate.jepsen.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What Linux knows about processes and the machine. */
final class ProcFiles {

  /** Linux' unit in {@code /proc/PID/stat}: hundredths of a second on every platform in use. */
  private static final double TICKS_A_SECOND = 100;

  private ProcFiles() {}

  /** Resident memory of a process, in MiB. */
  static double residentMib(long pid) {
    for (String line : lines(Path.of("/proc", Long.toString(pid), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    throw new IllegalStateException("no VmRSS for process " + pid);
  }

  /** CPU time that a process has used so far, in seconds. */
  static double cpuSeconds(long pid) {
    String stat = lines(Path.of("/proc", Long.toString(pid), "stat")).getFirst();
    // The name in parentheses may hold blanks; the fields after it are counted from the state on.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
  }

  /** How often threads of a process that live now have given up their CPU to wait. */
  static long switches(long pid) {
    long sum = 0;
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads.toList()) {
        sum += switches(thread.resolve("status"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sum;
  }

  private static long switches(Path status) {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("voluntary_ctxt_switches:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
      return 0;
    } catch (IOException _) {
      // The thread has ended meanwhile.
      return 0;
    }
  }

  /** Kernel, cores and load averages, for the conditions of a run. */
  static String machine() {
    return "%s, %d cores, load %s"
        .formatted(
            lines(Path.of("/proc/sys/kernel/osrelease")).getFirst(),
            Runtime.getRuntime().availableProcessors(),
            load());
  }

  /** The load averages over 1, 5 and 15 minutes. */
  static String load() {
    String[] averages = lines(Path.of("/proc/loadavg")).getFirst().split(" ", -1);
    return String.format(Locale.ROOT, "%s %s %s", averages[0], averages[1], averages[2]);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
