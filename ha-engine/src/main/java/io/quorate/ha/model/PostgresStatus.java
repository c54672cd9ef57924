package io.quorate.ha.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What is known of the local PostgreSQL instance. */
public sealed interface PostgresStatus {

  /** Not looked at yet. */
  record Unobserved() implements PostgresStatus {}

  /** There is none to look after: this member is a witness. */
  record None() implements PostgresStatus {}

  /** The data directory is missing or empty. */
  record NoData() implements PostgresStatus {}

  /**
   * There is something, but nothing that may be started or overwritten; says what and the remedy.
   */
  record Unusable(String reason) implements PostgresStatus {}

  /** No process of the instance lives (confirmed). */
  record Stopped(ControlFacts control, Optional<DataId> dataId, boolean standbySignal)
      implements PostgresStatus {}

  /** Processes live, no connection yet. */
  record Starting(Optional<DataId> dataId) implements PostgresStatus {}

  /** Processes live and should answer but do not. */
  record Unresponsive(String reason) implements PostgresStatus {}

  /**
   * Running and not in recovery: a writable server.
   *
   * @param flush flushed WAL position
   * @param replication one row for each WAL sender
   * @param slots the replication slots that are Quorate's
   * @param pendingRestart settings that take effect at the next start only
   */
  record Primary(
      long systemIdentifier,
      Optional<DataId> dataId,
      int serverVersion,
      Instant postmasterStart,
      TimelineId timeline,
      Lsn flush,
      List<Replication> replication,
      List<Slot> slots,
      List<PendingSetting> pendingRestart)
      implements PostgresStatus {
    /** Copies the lists. */
    public Primary {
      replication = List.copyOf(replication);
      slots = List.copyOf(slots);
      pendingRestart = List.copyOf(pendingRestart);
    }

    /** Where no setting waits for a restart. */
    public Primary(
        long systemIdentifier,
        Optional<DataId> dataId,
        int serverVersion,
        Instant postmasterStart,
        TimelineId timeline,
        Lsn flush,
        List<Replication> replication,
        List<Slot> slots) {
      this(
          systemIdentifier,
          dataId,
          serverVersion,
          postmasterStart,
          timeline,
          flush,
          replication,
          slots,
          List.of());
    }
  }

  /**
   * Running in recovery.
   *
   * @param receive last position received; empty when never in this run
   * @param streaming whether a WAL receiver streams now
   * @param receiverTimeline timeline received on, while a receiver runs
   * @param pendingRestart settings that take effect at the next start only
   * @param receiverProblem why it does not receive though it should, as far as its log tells
   * @param replayStop which setting is less than its primary's, where it replays no more for that:
   *     it cannot be promoted, nor asked for its end of WAL, until it is started again
   */
  record Standby(
      long systemIdentifier,
      Optional<DataId> dataId,
      int serverVersion,
      Instant postmasterStart,
      Upstream upstream,
      boolean streaming,
      Optional<TimelineId> receiverTimeline,
      Optional<Lsn> receive,
      Lsn replay,
      Optional<Instant> replayedAt,
      boolean replayPaused,
      List<PendingSetting> pendingRestart,
      Optional<String> receiverProblem,
      Optional<String> replayStop)
      implements PostgresStatus {
    /** Copies the list. */
    public Standby {
      pendingRestart = List.copyOf(pendingRestart);
    }

    /** Where no setting waits for a restart, and nothing is wrong. */
    public Standby(
        long systemIdentifier,
        Optional<DataId> dataId,
        int serverVersion,
        Instant postmasterStart,
        Upstream upstream,
        boolean streaming,
        Optional<TimelineId> receiverTimeline,
        Optional<Lsn> receive,
        Lsn replay,
        Optional<Instant> replayedAt,
        boolean replayPaused) {
      this(
          systemIdentifier,
          dataId,
          serverVersion,
          postmasterStart,
          upstream,
          streaming,
          receiverTimeline,
          receive,
          replay,
          replayedAt,
          replayPaused,
          List.of(),
          Optional.empty(),
          Optional.empty());
    }

    /** Why it replays no WAL now, with the remedy; empty where it does. */
    public Optional<String> replayHeld() {
      return replayStop.or(() ->
          replayPaused
              ? Optional.of("replay is paused there: 'SELECT pg_wal_replay_resume()' ends that")
              : Optional.empty());
    }

    /** The later of what was received and replayed. */
    public Lsn position() {
      return receive.map(replay::max).orElse(replay);
    }
  }

  /**
   * A physical replication slot.
   *
   * @param active something receives through it now
   * @param lost WAL that it stood for was removed: nobody can receive through it any more
   * @param heldBytes WAL that is kept for it
   * @param leftBytes WAL that may be written until it is lost; empty: without limit
   */
  record Slot(String name, boolean active, boolean lost, long heldBytes, OptionalLong leftBytes) {

    /** Much, where nothing limits it. */
    private static final long MUCH = 10L << 30;

    /** Whether it holds more than half of what it may, or 10 GB where nothing limits it. */
    public boolean holdsMuch() {
      return !lost && heldBytes > leftBytes.orElse(MUCH);
    }
  }

  /** A row of {@code pg_stat_replication}. */
  record Replication(
      String applicationName,
      String userName,
      String clientAddress,
      String state,
      Optional<Lsn> flush,
      Optional<Lsn> replay,
      String syncState,
      int syncPriority) {}
}
