package io.quorate.ha.postgres;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.node.DurableFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the WAL in a stopped instance's directory says. */
final class LocalWal {

  private static final Pattern START =
      Pattern.compile("(?m)^START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+) ");
  private static final Pattern START_TIMELINE = Pattern.compile("(?m)^START TIMELINE: (\\d+)$");

  private final Instance instance;
  private final ControlData control;
  private final TimelineFiles timelines;

  LocalWal(Instance instance, ControlData control) {
    this.instance = instance;
    this.control = control;
    this.timelines = new TimelineFiles(instance.walDir());
  }

  /**
   * Where valid WAL ends: read from where recovery would begin, along the newest history that this
   * directory is on. The timeline is that of the last record.
   *
   * @throws PostgresFailure if there is no valid record at all
   */
  EndOfWal end() throws IOException {
    EndOfWal begin = recoveryStart();
    try (WalSegments segments = historyOf(newestOn(begin))) {
      WalReader reader = new WalReader(segments, control.facts().systemIdentifier(), begin.lsn());
      Optional<WalReader.WalRecord> last = Optional.empty();
      for (Optional<WalReader.WalRecord> record = reader.next();
          record.isPresent();
          record = reader.next()) {
        last = record;
      }
      WalReader.WalRecord found =
          last.orElseThrow(() ->
              new PostgresFailure(
                  "pg_wal holds no valid record at "
                      + begin
                      + ", where recovery begins: "
                      + reader.problem()));
      return new EndOfWal(segments.timelineAt(found.start()), found.end());
    }
  }

  /** A count of commits, and whether all of the WAL could be read. */
  record Commits(long count, boolean complete) {}

  /** The commits from {@code fork}, a record's start, up to {@code end}. */
  Commits commitsBetween(Lsn fork, EndOfWal end) throws IOException {
    if (end.lsn().compareTo(fork) <= 0) {
      return new Commits(0, true);
    }
    try (WalSegments segments = historyOf(end.timeline())) {
      WalReader reader = new WalReader(segments, control.facts().systemIdentifier(), fork);
      long count = 0;
      while (reader.position().compareTo(end.lsn()) < 0) {
        Optional<WalReader.WalRecord> record = reader.next();
        if (record.isEmpty()) {
          return new Commits(count, false);
        }
        if (record.get().commit()) {
          count++;
        }
      }
      return new Commits(count, true);
    }
  }

  /** The segments of {@code timeline} and of what it forked off. */
  WalSegments historyOf(TimelineId timeline) throws IOException {
    return new WalSegments(instance.walDir(), control.walSegmentBytes(), stretches(timeline));
  }

  /** From a base backup's label where there is one, else from the control file. */
  private EndOfWal recoveryStart() throws IOException {
    String label = DurableFiles.readOrEmpty(instance.dataDir().resolve("backup_label"));
    Matcher start = START.matcher(label);
    Matcher timeline = START_TIMELINE.matcher(label);
    if (start.find() && timeline.find()) {
      return new EndOfWal(
          new TimelineId(Integer.parseInt(timeline.group(1))), Lsn.parse(start.group(1)));
    }
    return new EndOfWal(control.checkpointTimeline(), control.redo());
  }

  /** The newest real timeline whose history contains {@code on}. */
  private TimelineId newestOn(EndOfWal on) throws IOException {
    TimelineId newest = on.timeline();
    for (TimelineHistory history : timelines.all().values()) {
      Optional<Lsn> left = history.endOf(on.timeline());
      boolean continues = left.isPresent() && left.get().compareTo(on.lsn()) >= 0;
      if (continues && history.timeline().compareTo(newest) > 0) {
        newest = history.timeline();
      }
    }
    return newest;
  }

  private List<WalSegments.Stretch> stretches(TimelineId top) throws IOException {
    List<WalSegments.Stretch> stretches = new ArrayList<>();
    Lsn begin = Lsn.INVALID;
    for (TimelineHistory.Ancestor ancestor : timelines.of(top).ancestors()) {
      stretches.add(new WalSegments.Stretch(ancestor.timeline(), begin));
      begin = ancestor.end();
    }
    stretches.add(new WalSegments.Stretch(top, begin));
    return stretches;
  }
}
