package io.quorate.ha.postgres;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * WAL that a rewind is about to throw away, kept in the agent's directory under {@code
 * diverged/<timeline>-<fork>/}, the oldest given up where it all grows beyond its bound.
 */
final class DivergedWal {

  private static final Logger LOG = LoggerFactory.getLogger(DivergedWal.class);
  private static final String DONE = "COMPLETE";

  private final Instance instance;

  DivergedWal(Instance instance) {
    this.instance = instance;
  }

  /**
   * Copies the segments from {@code fork} to {@code end}. Tells where; empty where there is nothing
   * to keep or the bound is 0.
   */
  Optional<Path> keep(WalSegments segments, Lsn fork, EndOfWal end) throws IOException {
    long bound = instance.config().keptWalBytes();
    if (bound <= 0 || end.lsn().compareTo(fork) <= 0) {
      return Optional.empty();
    }
    Path target =
        instance
            .stateDir()
            .resolve("diverged")
            .resolve(end.timeline() + "-" + fork.toString().replace('/', '_'));
    if (Files.exists(target.resolve(DONE))) {
      return Optional.of(target);
    }
    List<Path> files = files(segments, fork, end);
    if (files.isEmpty()) {
      return Optional.empty();
    }
    long allowed = Math.max(1, bound / segments.segmentBytes());
    List<Path> kept = files.subList(0, (int) Math.min(files.size(), allowed));
    makeRoom(target, bound - (long) kept.size() * segments.segmentBytes());
    DurableFiles.makeDirectory(target);
    for (Path file : kept) {
      copy(file, target.resolve(String.valueOf(file.getFileName())));
    }
    String note =
        fork
            + " to "
            + end
            + (kept.size() < files.size()
                ? "; the first " + kept.size() + " of " + files.size() + " segments"
                : "")
            + "\n";
    DurableFiles.write(target.resolve(DONE), note);
    LOG.warn("kept the diverged WAL {} in {}", note.strip(), target);
    return Optional.of(target);
  }

  private static List<Path> files(WalSegments segments, Lsn fork, EndOfWal end) {
    List<Path> files = new ArrayList<>();
    long last = segments.segmentOf(new Lsn(end.lsn().value() - 1));
    for (long segment = segments.segmentOf(fork); segment <= last; segment++) {
      segments.file(segment).ifPresent(files::add);
    }
    return files;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    DurableFiles.inheritOwner(to);
    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Gives up the oldest until what is there takes no more than {@code allowed} bytes. */
  private void makeRoom(Path target, long allowed) throws IOException {
    Path all = target.resolveSibling(".").normalize();
    if (!Files.isDirectory(all)) {
      return;
    }
    List<Path> oldestFirst;
    try (Stream<Path> entries = Files.list(all)) {
      oldestFirst =
          entries
              .filter(entry -> !entry.equals(target))
              .sorted(Comparator.comparing(DivergedWal::age))
              .toList();
    }
    long total = 0;
    for (Path entry : oldestFirst) {
      total += size(entry);
    }
    for (Path entry : oldestFirst) {
      if (total > allowed) {
        total -= size(entry);
        LOG.warn("giving up the diverged WAL kept in {}: the bound is reached", entry);
        removeFlat(entry);
      }
    }
  }

  private static java.nio.file.attribute.FileTime age(Path entry) {
    try {
      return Files.getLastModifiedTime(entry);
    } catch (IOException e) {
      return java.nio.file.attribute.FileTime.fromMillis(0);
    }
  }

  private static long size(Path directory) throws IOException {
    long size = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        size += Files.size(file);
      }
    }
    return size;
  }

  private static void removeFlat(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
