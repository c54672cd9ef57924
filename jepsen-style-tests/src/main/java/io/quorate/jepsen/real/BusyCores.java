package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Takes all the time of all cores, until closed; as any other program would, at usual priority. */
final class BusyCores implements AutoCloseable {

  private final List<Process> loops = new ArrayList<>();

  /** Begins. */
  BusyCores() {
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      try {
        loops.add(new ProcessBuilder("bash", "-c", "while :; do :; done").start());
      } catch (IOException e) {
        close();
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    loops.forEach(Process::destroyForcibly);
  }
}
