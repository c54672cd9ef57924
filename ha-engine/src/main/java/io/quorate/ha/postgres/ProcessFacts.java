package io.quorate.ha.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code /proc/<pid>/stat} says of a process.
 *
 * @param state its state's letter: R, S, D, T (stopped), Z (ended) …
 * @param terminal number of its controlling terminal, 0 for none
 * @param startTicks when it was started, in clock ticks since boot: with the pid, its identity
 */
record ProcessFacts(String name, char state, int terminal, long startTicks) {

  /** Parses the one line; the name may hold spaces and parentheses. */
  static ProcessFacts parse(String stat) {
    int open = stat.indexOf('(');
    int close = stat.lastIndexOf(')');
    String[] fields = stat.substring(close + 2).strip().split(" ", -1);
    return new ProcessFacts(
        stat.substring(open + 1, close),
        fields[0].charAt(0),
        Integer.parseInt(fields[4]),
        Long.parseLong(fields[19]));
  }

  /** The facts of a living process; empty where there is none. */
  static Optional<ProcessFacts> of(long pid) {
    try {
      return Optional.of(parse(Files.readString(Path.of("/proc", Long.toString(pid), "stat"))));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  boolean ended() {
    return state == 'Z' || state == 'X';
  }

  /** Stopped by SIGSTOP or a debugger: it lives and does nothing. */
  boolean stopped() {
    return state == 'T' || state == 't';
  }
}
