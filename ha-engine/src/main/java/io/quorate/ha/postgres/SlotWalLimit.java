package io.quorate.ha.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How much WAL replication slots may hold back where no setting says so: a quarter of the file
 * system. PostgreSQL's own default is no limit at all, and a standby that stays away would fill the
 * primary's disk, and stop it.
 */
final class SlotWalLimit {

  /** PostgreSQL's name of it. */
  static final String NAME = "max_slot_wal_keep_size";

  private static final long PART = 4;
  private static final long LEAST_MEGABYTES = 64;

  private SlotWalLimit() {}

  /** The value for the WAL below {@code dataDir}; empty where its file system tells no size. */
  static Optional<String> standard(Path dataDir) {
    try {
      Path wal = dataDir.resolve("pg_wal");
      long bytes = Files.getFileStore(Files.exists(wal) ? wal : dataDir).getTotalSpace();
      return bytes <= 0
          ? Optional.empty()
          : Optional.of(Math.max(LEAST_MEGABYTES, (bytes >> 20) / PART) + "MB");
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
