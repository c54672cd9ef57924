package io.quorate.ha.postgres;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.OperationResult;
import io.quorate.time.BootTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops receiving, and finds the end of WAL.
 *
 * <p>Two things must be proved. That the startup process has taken the new setting: it comes to the
 * agent's own socket under this round's name, which it does only after the receiver before was shut
 * down. That it has replayed all that was received: when a reload ends a receiver, the startup
 * process asks for the next one before it has replayed what the old one flushed last; so either
 * what was received is replayed, or it must have come a second time, for between two attempts it
 * reads pg_wal to its end.
 */
final class FreezeOperation {

  private static final Logger LOG = LoggerFactory.getLogger(FreezeOperation.class);
  private static final Duration BOUND = Duration.ofSeconds(8);
  private static final Duration STOP_BOUND = Duration.ofSeconds(10);

  private final ServerControl server;
  private final UpstreamSocket socket;

  FreezeOperation(ServerControl server, UpstreamSocket socket) {
    this.server = server;
    this.socket = socket;
  }

  OperationResult run(Postmaster.Permit permit, Epoch round, Map<String, String> cluster)
      throws IOException {
    ControlData control = server.controlData();
    socket.listen();
    UpstreamSetting setting = setting(round);
    if (!server.running()) {
      return start(permit, round, cluster);
    }
    server.awaitAnswer();
    if (!server.inRecovery()) {
      throw new PostgresFailure("PostgreSQL runs as a primary: it must be ended first");
    }
    if (StandbyLimits.tooLow(server.sql(), control).isPresent()) {
      return restart(permit, round, cluster);
    }
    refuseIfPaused();
    server.timelines().tidy();
    UpstreamSocket.Watch watch = watch(round, control);
    server.repoint(permit, cluster, setting, control);
    Optional<OperationResult> frozen = await(watch);
    return frozen.isPresent() ? frozen.get() : restart(permit, round, cluster);
  }

  /** What a standby finds in pg_wal can show that it was started with too little. */
  private OperationResult start(Postmaster.Permit permit, Epoch round, Map<String, String> cluster)
      throws IOException {
    UpstreamSocket.Watch watch = watch(round, server.controlData());
    server.startStandby(permit, cluster, setting(round));
    Optional<OperationResult> frozen = await(watch);
    return frozen.isPresent() ? frozen.get() : restart(permit, round, cluster);
  }

  private OperationResult restart(
      Postmaster.Permit permit, Epoch round, Map<String, String> cluster) throws IOException {
    LOG.info("starting PostgreSQL again, which replays no further: {}", tooLow().orElse(""));
    server.stop(false, STOP_BOUND, "to start it with its primary's settings");
    UpstreamSocket.Watch watch = watch(round, server.controlData());
    server.startStandby(permit, cluster, setting(round));
    return await(watch)
        .orElseThrow(() -> new PostgresFailure("replay stands still: " + tooLow().orElse("")));
  }

  private Optional<String> tooLow() {
    return StandbyLimits.tooLow(server.sql(), server.controlData());
  }

  /** Points at the agent's socket under the name of {@code round}. */
  UpstreamSetting setting(Epoch round) {
    return UpstreamSetting.frozen(
        round,
        new Conninfo()
            .with("host", socket.directory().toString())
            .with("port", Integer.toString(server.instance().config().port()))
            .with("user", "quorate")
            .with("dbname", "replication")
            .with("application_name", name(round)));
  }

  private static String name(Epoch round) {
    return "quorate_frozen_" + round;
  }

  private UpstreamSocket.Watch watch(Epoch round, ControlData control) throws IOException {
    TimelineId newest = server.timelines().newest();
    TimelineId known = control.latestTimeline();
    return socket.watch(
        name(round),
        new UpstreamSocket.Identity(
            Long.toUnsignedString(control.facts().systemIdentifier()),
            newest.compareTo(known) >= 0 ? newest : known));
  }

  /** Empty where replay stands still until the server is started with more. */
  private Optional<OperationResult> await(UpstreamSocket.Watch watch) throws IOException {
    BootTime began = server.patience().now();
    Sql sql = server.sql();
    Proof proof = new Proof(watch, sql);
    boolean ended =
        server
            .patience()
            .until(BOUND, () -> proof.holds() || (proof.lookForStop() && tooLow().isPresent()));
    if (ended && !proof.holds()) {
      return Optional.empty();
    }
    if (!ended) {
      refuseIfPaused();
      throw new PostgresFailure(why(watch, proof, began, sql));
    }
    watch.satisfied();
    return Optional.of(new OperationResult.Frozen(lastRecord(proof.end().orElseThrow())));
  }

  /**
   * The standby asks for the timeline of its next record. Where the last one ends right at that
   * timeline's beginning, it is the parent's.
   */
  private EndOfWal lastRecord(EndOfWal end) throws IOException {
    EndOfWal last = end;
    while (true) {
      EndOfWal now = last;
      Optional<TimelineHistory.Ancestor> parent =
          server
              .timelines()
              .of(now.timeline())
              .parent()
              .filter(ancestor -> ancestor.end().equals(now.lsn()));
      if (parent.isEmpty()) {
        return last;
      }
      last = new EndOfWal(parent.get().timeline(), last.lsn());
    }
  }

  private void refuseIfPaused() {
    String state = server.sql().one("SELECT pg_get_wal_replay_pause_state()", row -> row.text(1));
    if (!state.equals("not paused")) {
      throw new PostgresFailure(
          "replay is paused ("
              + state
              + "): the end of its WAL cannot be told until pg_wal_replay_resume()");
    }
  }

  private String why(UpstreamSocket.Watch watch, Proof proof, BootTime began, Sql sql) {
    String waiting =
        sql
            .query(
                "SELECT coalesce(wait_event, 'running') FROM pg_stat_activity"
                    + " WHERE backend_type = 'startup'",
                row -> row.text(1))
            .stream()
            .findFirst()
            .orElse("gone");
    return "not frozen after "
        + server.patience().since(began).toMillis()
        + " ms: "
        + (watch.attempts() == 0
            ? "the startup process has not come to the agent's socket"
            : "what was received is not replayed yet")
        + " ("
        + proof
        + ", startup process: "
        + waiting
        + "; its log says: "
        + server.postmaster().logTail(2)
        + ")";
  }

  /** The state of the proof; asks SQL only once the startup process has come. */
  private static final class Proof {
    private static final int LOOKS = 50;

    private final UpstreamSocket.Watch watch;
    private final Sql sql;
    private Optional<Lsn> received = Optional.empty();
    private Optional<Lsn> replayed = Optional.empty();
    private @Nullable TimelineId timeline;
    private int looks;

    Proof(UpstreamSocket.Watch watch, Sql sql) {
      this.watch = watch;
      this.sql = sql;
    }

    /** Whether to see what holds replay up: now and then, for a freeze is to be short. */
    boolean lookForStop() {
      return ++looks % LOOKS == 0;
    }

    boolean holds() {
      int attempts = watch.attempts();
      if (attempts == 0) {
        return false;
      }
      timeline = watch.timeline();
      boolean recovering =
          sql.one(
              "SELECT pg_is_in_recovery(), pg_last_wal_receive_lsn()::text,"
                  + " pg_last_wal_replay_lsn()::text",
              row -> {
                received = row.lsn(2);
                replayed = row.lsn(3);
                return row.flag(1);
              });
      if (!recovering) {
        throw new PostgresFailure("PostgreSQL left recovery while it was to stop receiving");
      }
      if (replayed.isEmpty()) {
        return false;
      }
      Lsn replay = replayed.get();
      boolean allReplayed = received.filter(lsn -> lsn.compareTo(replay) > 0).isEmpty();
      return attempts >= 2 || allReplayed;
    }

    Optional<EndOfWal> end() {
      TimelineId told = timeline;
      return told == null ? Optional.empty() : replayed.map(lsn -> new EndOfWal(told, lsn));
    }

    @Override
    public String toString() {
      return "attempts "
          + watch.attempts()
          + ", received "
          + received.map(Lsn::toString).orElse("nothing")
          + ", replayed "
          + replayed.map(Lsn::toString).orElse("nothing");
    }
  }
}
