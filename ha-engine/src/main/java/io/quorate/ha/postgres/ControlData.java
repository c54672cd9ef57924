package io.quorate.ha.postgres;

import io.quorate.ha.model.ControlFacts;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The control file of a data directory, under the names that {@code pg_controldata} gives its
 * fields.
 *
 * @see <a href="https://www.postgresql.org/docs/15/app-pgcontroldata.html">pg_controldata</a>
 */
final class ControlData {

  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final Map<String, ControlFacts.ClusterState> STATES =
      Map.of(
          "starting up", ControlFacts.ClusterState.STARTING_UP,
          "shut down", ControlFacts.ClusterState.SHUT_DOWN,
          "shut down in recovery", ControlFacts.ClusterState.SHUT_DOWN_IN_RECOVERY,
          "shutting down", ControlFacts.ClusterState.SHUTTING_DOWN,
          "in crash recovery", ControlFacts.ClusterState.IN_CRASH_RECOVERY,
          "in archive recovery", ControlFacts.ClusterState.IN_ARCHIVE_RECOVERY,
          "in production", ControlFacts.ClusterState.IN_PRODUCTION);

  private final Map<String, String> values;

  private ControlData(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Reads it. Blocks.
   *
   * @throws PostgresFailure if the file is missing or damaged
   */
  static ControlData read(ProcessLauncher launcher, Instance instance) {
    // A program costs tens of milliseconds, in the middle of a failover.
    return PgControlFile.read(instance.dataDir())
        .map(ControlData::new)
        .orElseGet(() -> ask(launcher, instance));
  }

  /** The same where it can be read without a program; empty elsewhere. Cheap. */
  static Optional<ControlData> readDirectly(Instance instance) {
    return PgControlFile.read(instance.dataDir()).map(ControlData::new);
  }

  private static ControlData ask(ProcessLauncher launcher, Instance instance) {
    ProcessLauncher.Finished finished =
        launcher.ask(
            List.of(instance.program("pg_controldata"), "-D", instance.dataDir().toString()),
            BOUND);
    if (!finished.ok() || finished.output().contains("WARNING: Calculated CRC checksum")) {
      throw new PostgresFailure(
          "pg_control of "
              + instance.dataDir()
              + " cannot be read ("
              + LogTail.last(finished.output(), 2)
              + "): the directory is damaged; move it away to have it cloned anew");
    }
    return parse(finished.output());
  }

  static ControlData parse(String output) {
    Map<String, String> values = new HashMap<>();
    for (String line : output.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        values.putIfAbsent(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    return new ControlData(values);
  }

  ControlFacts facts() {
    ControlFacts.ClusterState state = STATES.get(text("Database cluster state"));
    if (state == null) {
      throw new PostgresFailure(
          "pg_control names an unknown state: '" + text("Database cluster state") + "'");
    }
    return new ControlFacts(
        Long.parseUnsignedLong(text("Database system identifier")),
        state,
        checkpointTimeline(),
        lsn("Latest checkpoint location"));
  }

  TimelineId checkpointTimeline() {
    return new TimelineId(Math.toIntExact(number("Latest checkpoint's TimeLineID")));
  }

  /** Where replay begins. */
  Lsn redo() {
    return lsn("Latest checkpoint's REDO location");
  }

  /**
   * The later of the checkpoint's timeline and that of the end of recovery, where there was one.
   */
  TimelineId latestTimeline() {
    long recovered = number("Min recovery ending loc's timeline");
    long checkpoint = checkpointTimeline().value();
    return new TimelineId(Math.toIntExact(Math.max(recovered, checkpoint)));
  }

  int walSegmentBytes() {
    return Math.toIntExact(number("Bytes per WAL segment"));
  }

  /** Value of a setting that a standby must not set lower than its primary did. */
  long setting(String name) {
    return number(
        name.replace("max_locks_per_transaction", "max_locks_per_xact")
                .replace("max_prepared_transactions", "max_prepared_xacts")
            + " setting");
  }

  /** Whether pg_rewind can work: hint bits are logged, or pages carry checksums. */
  boolean rewindable() {
    return text("wal_log_hints setting").equals("on") || number("Data page checksum version") > 0;
  }

  private Lsn lsn(String key) {
    return Lsn.parse(text(key));
  }

  private long number(String key) {
    return Long.parseLong(text(key));
  }

  /** Value of the field that pg_controldata calls {@code key}. */
  String text(String key) {
    String value = values.get(key);
    if (value == null) {
      throw new PostgresFailure("pg_controldata does not say '" + key + "'");
    }
    return value;
  }
}
