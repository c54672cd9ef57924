package io.quorate.ha.guardian;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The guardian's files in the agent's state directory, and the process that they lead to. */
final class GuardianFiles {

  private static final long MKFIFO_SECONDS = 5;

  private final Path stateDir;

  GuardianFiles(Path stateDir) {
    this.stateDir = stateDir;
  }

  Path fifo() {
    return stateDir.resolve("guardian.fifo");
  }

  Path script() {
    return stateDir.resolve("guardian.sh");
  }

  Path pidFile() {
    return stateDir.resolve("guardian.pid");
  }

  Path log() {
    return stateDir.resolve("guardian.log");
  }

  /** Writes the script of this version and makes the pipe where there is none. */
  void prepare() throws IOException {
    Files.createDirectories(stateDir);
    try (InputStream text = GuardianFiles.class.getResourceAsStream("guardian.sh")) {
      if (text == null) {
        throw new IOException("guardian.sh is not part of this program");
      }
      // A running guardian goes on reading the old file: replaced, not overwritten.
      Path fresh = stateDir.resolve("guardian.sh.new");
      Files.copy(text, fresh, StandardCopyOption.REPLACE_EXISTING);
      Files.move(fresh, script(), StandardCopyOption.ATOMIC_MOVE);
    }
    if (!Files.exists(fifo())) {
      makeFifo();
    }
  }

  private void makeFifo() throws IOException {
    Process mkfifo =
        new ProcessBuilder("mkfifo", "-m", "600", fifo().toString())
            .redirectErrorStream(true)
            .start();
    try {
      if (!mkfifo.waitFor(MKFIFO_SECONDS, TimeUnit.SECONDS) || mkfifo.exitValue() != 0) {
        throw new IOException(
            "mkfifo "
                + fifo()
                + " failed: "
                + new String(mkfifo.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** The guardian that runs, as its file says and the process itself confirms. */
  Optional<ProcessHandle> running() {
    Optional<ProcessHandle> named =
        answer().stream()
            .limit(1)
            .map(Long::parseLong)
            .flatMap(pid -> ProcessHandle.of(pid).stream())
            .filter(this::isGuardian)
            .findFirst();
    return named.or(() -> all().stream().findFirst());
  }

  /**
   * Every guardian of this state directory that runs, whatever its file says: that is empty for a
   * moment at each answer, and for longer on a disk that is full. Two that read the same pipe would
   * each miss what the other was told.
   */
  List<ProcessHandle> all() {
    return ProcessHandle.allProcesses().filter(this::isGuardian).toList();
  }

  /** Whether the guardian has answered with this word. */
  boolean answered(String word) {
    List<String> answer = answer();
    return answer.size() == 2 && answer.get(1).equals(word);
  }

  private List<String> answer() {
    try {
      List<String> words = List.of(Files.readString(pidFile()).strip().split(" ", -1));
      return words.getFirst().matches("[0-9]{1,18}") ? words : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** One that has ended has no command line; an editor that shows the script has no pipe. */
  private boolean isGuardian(ProcessHandle process) {
    try {
      byte[] line = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
      return new String(line, StandardCharsets.ISO_8859_1).contains(arguments());
    } catch (IOException e) {
      return false;
    }
  }

  private String arguments() {
    String both = script() + "\0" + fifo() + "\0";
    return new String(both.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  void forget() {
    try {
      Files.deleteIfExists(pidFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
