package io.quorate.ha.postgres;

import io.quorate.ha.model.TimelineId;
import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history files in pg_wal. PostgreSQL finds the newest timeline by counting up from a known one
 * until a file is missing, so between real ones there must be no gap, and above the newest real one
 * nothing, except right before a promotion that is to skip ids.
 */
final class TimelineFiles {

  private static final Logger LOG = LoggerFactory.getLogger(TimelineFiles.class);

  private final Path walDir;

  TimelineFiles(Path walDir) {
    this.walDir = walDir;
  }

  /** All history files, placeholders included. */
  SortedMap<TimelineId, TimelineHistory> all() throws IOException {
    SortedMap<TimelineId, TimelineHistory> found = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(walDir, "????????.history")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.matches("[0-9A-F]{8}\\.history")) {
          TimelineId id = new TimelineId(Integer.parseInt(name, 0, 8, 16));
          found.put(id, TimelineHistory.parse(id, Files.readString(file)));
        }
      }
    }
    return found;
  }

  /** The history of {@code timeline}; without ancestors where there is no file. */
  TimelineHistory of(TimelineId timeline) throws IOException {
    return TimelineHistory.parse(timeline, DurableFiles.readOrEmpty(file(timeline)));
  }

  /** The newest timeline with a history of its own; 1 where there is none. */
  TimelineId newest() throws IOException {
    return newest(all());
  }

  private static TimelineId newest(SortedMap<TimelineId, TimelineHistory> all) {
    return all.values().stream()
        .filter(history -> !history.placeholder())
        .map(TimelineHistory::timeline)
        .max(TimelineId::compareTo)
        .orElse(TimelineId.FIRST);
  }

  /**
   * Makes the files such that PostgreSQL finds the newest timeline, and no id above it: needed
   * before any start that is not a promotion (a standby that starts with a placeholder as its
   * newest hangs), and while a standby runs, before it is asked for its timeline.
   */
  void tidy() throws IOException {
    SortedMap<TimelineId, TimelineHistory> all = all();
    TimelineId newest = newest(all);
    for (TimelineHistory history : all.values()) {
      if (history.placeholder() && history.timeline().compareTo(newest) > 0) {
        boolean _ = DurableFiles.remove(file(history.timeline()));
      }
    }
    TimelineHistory top = of(newest);
    for (int id = 2; id < newest.value(); id++) {
      TimelineId timeline = new TimelineId(id);
      boolean missing = !all.containsKey(timeline);
      Optional<TimelineHistory> present = Optional.ofNullable(all.get(timeline));
      boolean ancestor = top.endOf(timeline).isPresent();
      if (missing || (ancestor && present.filter(TimelineHistory::placeholder).isPresent())) {
        DurableFiles.write(
            file(timeline), ancestor ? top.textUpTo(timeline) : TimelineHistory.PLACEHOLDER);
        LOG.info("wrote {}, which the newest history implies", file(timeline).getFileName());
      }
    }
  }

  /**
   * Keeps PostgreSQL, now on {@code from}, from taking any id below {@code wanted} at its
   * promotion.
   *
   * @throws PostgresFailure if {@code wanted} or a later one is there already
   */
  void reserveUpTo(TimelineId from, TimelineId wanted) throws IOException {
    SortedMap<TimelineId, TimelineHistory> all = all();
    if (!all.tailMap(wanted).isEmpty()) {
      throw new PostgresFailure(
          "timeline " + all.lastKey() + " is already in pg_wal, so " + wanted + " cannot be taken");
    }
    for (int id = from.value() + 1; id < wanted.value(); id++) {
      TimelineId timeline = new TimelineId(id);
      if (!all.containsKey(timeline)) {
        DurableFiles.write(file(timeline), TimelineHistory.PLACEHOLDER);
      }
    }
  }

  /**
   * Moves histories above {@code own} into {@code aside}: timelines that others began and that this
   * directory holds no WAL of. With them PostgreSQL would fork from a timeline that it never was
   * on. Tells whether there were any.
   */
  boolean putAsideAbove(TimelineId own, Path aside) throws IOException {
    boolean any = false;
    for (TimelineId timeline : all().tailMap(own.next()).keySet()) {
      DurableFiles.makeDirectory(aside);
      DurableFiles.write(
          aside.resolve(TimelineHistory.fileName(timeline)), Files.readString(file(timeline)));
      any |= DurableFiles.remove(file(timeline));
    }
    return any;
  }

  private Path file(TimelineId timeline) {
    return walDir.resolve(TimelineHistory.fileName(timeline));
  }
}
