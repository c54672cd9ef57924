package io.quorate.ha.postgres;

import io.quorate.ha.model.DataId;
import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * A durable mark, outside PGDATA, of work on the data directory that leaves it unusable when cut
 * off. Only what such a mark speaks of may be removed without being kept.
 */
final class UnfinishedWork {

  private static final String MAKING = "making";
  private static final String REWINDING = "rewinding";

  private final Instance instance;

  UnfinishedWork(Instance instance) {
    this.instance = instance;
  }

  /**
   * Begins to make a directory, in an empty one that is there, or where an earlier making was cut
   * off: what that left is removed.
   *
   * @throws PostgresFailure if there is something else
   */
  void beginMaking(String what) throws IOException {
    if (making().isEmpty()) {
      if (!instance.dataDirEmpty()) {
        throw new PostgresFailure(
            "postgresql.data_dir " + instance.dataDir() + " is not empty: nothing is made there");
      }
      mark(MAKING, what);
    }
    empty(instance.dataDir());
    // PostgreSQL refuses a directory that others may enter.
    Files.setPosixFilePermissions(instance.dataDir(), PosixFilePermissions.fromString("rwx------"));
  }

  void endMaking() throws IOException {
    boolean _ = DurableFiles.remove(file(MAKING));
  }

  /** What was being made when it was cut off. */
  Optional<String> making() {
    return read(MAKING);
  }

  /** Begins a rewind of the directory {@code id}, whose identity a rewind overwrites. */
  void beginRewind(DataId id) throws IOException {
    mark(REWINDING, id.value());
  }

  /** The identity of a directory whose rewind was begun and not ended. */
  Optional<DataId> rewinding() {
    return read(REWINDING).map(DataId::new);
  }

  void endRewind() throws IOException {
    boolean _ = DurableFiles.remove(file(REWINDING));
  }

  private void mark(String kind, String detail) throws IOException {
    DurableFiles.makeDirectory(instance.stateDir());
    DurableFiles.write(file(kind), instance.dataDir() + "\n" + detail + "\n");
  }

  /** A mark counts only for the directory that it names. */
  private Optional<String> read(String kind) {
    try {
      var lines = DurableFiles.readOrEmpty(file(kind)).lines().toList();
      return lines.size() == 2 && lines.get(0).equals(instance.dataDir().toString())
          ? Optional.of(lines.get(1))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String kind) {
    return instance.stateDir().resolve("unfinished-" + kind);
  }

  private static void empty(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path visited, java.io.@org.jspecify.annotations.Nullable IOException problem)
              throws IOException {
            if (problem != null) {
              throw problem;
            }
            if (!visited.equals(directory)) {
              Files.delete(visited);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
