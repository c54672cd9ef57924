package io.quorate.ha.postgres;

import io.quorate.ha.model.DataId;
import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the files of one instance lie, and those of them that Quorate owns. */
final class Instance {

  private static final String DATA_ID = "quorate.data_id";

  private volatile PostgresConfig config;

  Instance(PostgresConfig config) {
    this.config = config;
  }

  PostgresConfig config() {
    return config;
  }

  /** Other settings of the same instance: directories, ports and roles stay as they were. */
  void replace(PostgresConfig next) {
    config = config.withLocalSettings(next);
  }

  Path dataDir() {
    return config.dataDir();
  }

  Path stateDir() {
    return config.stateDir();
  }

  Path walDir() {
    return dataDir().resolve("pg_wal");
  }

  String program(String name) {
    return config.binDir().resolve(name).toString();
  }

  Path log() {
    return stateDir().resolve("postgresql.log");
  }

  /** Whether anything started here starts as a standby. */
  boolean hasStandbySignal() {
    return Files.exists(dataDir().resolve("standby.signal"));
  }

  /** Whatever starts PostgreSQL from now on starts a standby. */
  void writeStandbySignal() throws IOException {
    if (!hasStandbySignal()) {
      DurableFiles.write(dataDir().resolve("standby.signal"), "");
    }
    boolean _ = DurableFiles.remove(dataDir().resolve("recovery.signal"));
  }

  void removeSignals() throws IOException {
    boolean _ = DurableFiles.remove(dataDir().resolve("recovery.signal"));
    boolean _ = DurableFiles.remove(dataDir().resolve("standby.signal"));
  }

  /** The identity stamped on the directory; empty where there is none or it is unreadable. */
  Optional<DataId> dataId() {
    try {
      String text = DurableFiles.readOrEmpty(dataDir().resolve(DATA_ID)).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(new DataId(text));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  void writeDataId(DataId id) throws IOException {
    DurableFiles.write(dataDir().resolve(DATA_ID), id.value() + "\n");
  }

  void removeDataId() throws IOException {
    boolean _ = DurableFiles.remove(dataDir().resolve(DATA_ID));
  }

  /** Whether the data directory is missing or has nothing in it but a mount's lost+found. */
  boolean dataDirEmpty() throws IOException {
    if (!Files.exists(dataDir())) {
      return true;
    }
    try (var entries = Files.list(dataDir())) {
      return entries.noneMatch(entry -> !String.valueOf(entry.getFileName()).equals("lost+found"));
    }
  }
}
