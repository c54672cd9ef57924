package io.quorate.store.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Makes the log that is found at a start durable. Raft's server takes what it reads for written,
 * and tells the leader so; but it may have been read from memory only: the last run may have ended
 * between writing and syncing, or its syncing may have failed, after which the system calls pages
 * clean that never reached the disk.
 */
final class LogFiles {
  private static final String CURRENT = "current";
  private static final String OPEN = "log_inprogress_";

  private static final String SNAPSHOTS = "sm";
  private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_)?(\\d+)(?:-\\d+)?");
  private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.\\d+_(\\d+)");
  private static final Pattern SNAPSHOT_NAME = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");
  private static final String DIGEST = ".md5";

  private LogFiles() {}

  /**
   * Looks whether log and snapshots join. Where a snapshot is missing whose log was purged, Raft's
   * server would start with an empty state and wait for entries that nobody has.
   *
   * @throws StoreRefusedException when there is a gap
   */
  static void refuseGap(Path logDir) throws IOException {
    for (Path group : entries(logDir)) {
      OptionalLong first = indexes(group.resolve(CURRENT), SEGMENT).min();
      long snapshot = indexes(group.resolve(SNAPSHOTS), SNAPSHOT).max().orElse(-1);
      if (first.isPresent() && first.getAsLong() > snapshot + 1) {
        throw new StoreRefusedException(
            ("raft.data_dir: the log in %s begins with entry %d, but %s: a snapshot was lost."
                    + " Restore it, with its .md5 file; or empty the storage of this member and run"
                    + " 'quorate member replace'.")
                .formatted(
                    group,
                    first.getAsLong(),
                    snapshot < 0
                        ? "there is no usable snapshot"
                        : "the last usable snapshot ends with entry " + snapshot));
      }
    }
  }

  /** The last entry that a snapshot holds. */
  record Snapshot(long term, long index) {}

  /** The last snapshot of a group that counts. */
  static Optional<Snapshot> lastSnapshot(Path group) throws IOException {
    return entries(group.resolve(SNAPSHOTS)).stream()
        .filter(LogFiles::hasDigest)
        .map(file -> SNAPSHOT_NAME.matcher(String.valueOf(file.getFileName())))
        .filter(Matcher::matches)
        .map(name -> new Snapshot(Long.parseLong(name.group(1)), Long.parseLong(name.group(2))))
        .max(Comparator.comparingLong(Snapshot::index));
  }

  private static boolean hasDigest(Path snapshot) {
    return Files.exists(snapshot.resolveSibling(snapshot.getFileName() + DIGEST));
  }

  /** Index of the first entry of a file of the log. */
  static OptionalLong firstIndex(Path segment) {
    Matcher name = SEGMENT.matcher(String.valueOf(segment.getFileName()));
    return name.matches() ? OptionalLong.of(Long.parseLong(name.group(1))) : OptionalLong.empty();
  }

  /** Indexes in the names of the files that count: Ratis ignores a snapshot without its digest. */
  private static LongStream indexes(Path dir, Pattern pattern) throws IOException {
    return entries(dir).stream()
        .filter(file -> !pattern.equals(SNAPSHOT) || hasDigest(file))
        .map(file -> pattern.matcher(String.valueOf(file.getFileName())))
        .filter(Matcher::matches)
        .mapToLong(matcher -> Long.parseLong(matcher.group(1)));
  }

  /**
   * Syncs all files under {@code logDir}.
   *
   * @param rewrite whether to write all of them anew, because a sync has failed; else only the one
   *     that was being appended to is
   */
  static void settle(Path logDir, boolean rewrite) throws IOException {
    for (Path group : entries(logDir)) {
      Path current = group.resolve(CURRENT);
      if (Files.isDirectory(current)) {
        for (Path file : entries(current)) {
          settleFile(file, rewrite);
        }
        DurableFiles.sync(current);
      }
    }
  }

  private static void settleFile(Path file, boolean rewrite) throws IOException {
    if (!Files.isRegularFile(file)) {
      return;
    }
    if (rewrite || String.valueOf(file.getFileName()).startsWith(OPEN)) {
      DurableFiles.write(file, Files.readAllBytes(file));
    } else {
      DurableFiles.sync(file);
    }
  }

  private static List<Path> entries(Path dir) throws IOException {
    if (!Files.isDirectory(dir)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(dir)) {
      return entries.sorted().toList();
    }
  }
}
