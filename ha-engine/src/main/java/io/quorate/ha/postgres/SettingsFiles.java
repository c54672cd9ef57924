package io.quorate.ha.postgres;

import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of settings as they stand, and what PostgreSQL has against them. */
final class SettingsFiles {

  private static final Duration BOUND = Duration.ofSeconds(5);
  private static final List<String> NAMES =
      List.of("postgresql.conf", "pg_hba.conf", "pg_ident.conf");

  private final Instance instance;
  private final ProcessLauncher launcher;

  SettingsFiles(Instance instance, ProcessLauncher launcher) {
    this.instance = instance;
    this.launcher = launcher;
  }

  /** By name; those that are there. */
  SortedMap<String, String> contents() throws IOException {
    SortedMap<String, String> contents = new TreeMap<>();
    for (String name : NAMES) {
      Path file = instance.dataDir().resolve(name);
      if (Files.exists(file)) {
        contents.put(name, Files.readString(file));
      }
    }
    return contents;
  }

  void restore(SortedMap<String, String> contents) throws IOException {
    for (Map.Entry<String, String> file : contents.entrySet()) {
      DurableFiles.write(instance.dataDir().resolve(file.getKey()), file.getValue());
    }
  }

  /** Why PostgreSQL would not start with them; a running server has not read them. */
  Optional<String> objection() {
    ProcessLauncher.Finished finished =
        launcher.ask(
            List.of(
                instance.program("postgres"),
                "-D",
                instance.dataDir().toString(),
                "-C",
                "config_file"),
            BOUND);
    return finished.ok()
        ? Optional.empty()
        : Optional.of("PostgreSQL refuses them: " + LogTail.last(finished.output(), 3));
  }

  /** Whether a server was started in this very directory: a copy brings another's files. */
  boolean started() {
    return Files.exists(instance.dataDir().resolve("postmaster.opts"));
  }
}
