package io.quorate.ha.postgres;

import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks at the instance: processes, then directory, then SQL. Blocks, bounded by the SQL bounds.
 */
final class PostgresSampler {

  private static final String SERVER =
      """
      SELECT pg_is_in_recovery(),
        (SELECT system_identifier FROM pg_control_system()),
        current_setting('server_version_num')::int,
        pg_postmaster_start_time(),
        CASE WHEN NOT pg_is_in_recovery()
          THEN ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END,
        CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn()::text END,
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()::text END,
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END,
        CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() END,
        CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END,
        CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn()::text END
      """;
  private static final String RECEIVER = "SELECT status, received_tli FROM pg_stat_wal_receiver";
  private static final String SENDERS =
      """
      SELECT coalesce(application_name, ''), coalesce(usename, ''),
        coalesce(client_addr::text, ''), coalesce(state, ''), flush_lsn::text, replay_lsn::text,
        coalesce(sync_state, ''), coalesce(sync_priority, 0)
      FROM pg_stat_replication ORDER BY pid
      """;
  private static final String SLOTS =
      """
      SELECT slot_name, active, coalesce(wal_status = 'lost', false),
        greatest(0, coalesce(pg_wal_lsn_diff(
          CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
            ELSE pg_current_wal_lsn() END, restart_lsn), 0))::bigint,
        coalesce(safe_wal_size, -1)
      FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary ORDER BY slot_name
      """;

  private final Instance instance;
  private final ProcessLauncher launcher;
  private final Postmaster postmaster;
  private final DirectoryCheck directory;
  private final ConfigFiles configFiles;
  private final LocalSql sql;
  private final Slots slots;
  private final WalFlushCheck flushing = new WalFlushCheck();
  private final ShrinkableSettings shrinkable;
  private final Supplier<Optional<Map<String, String>>> clusterParameters;

  PostgresSampler(
      Instance instance,
      ProcessLauncher launcher,
      Postmaster postmaster,
      DirectoryCheck directory,
      ConfigFiles configFiles,
      LocalSql sql,
      Slots slots,
      Supplier<Optional<Map<String, String>>> clusterParameters) {
    this.instance = instance;
    this.shrinkable = new ShrinkableSettings(instance);
    this.clusterParameters = clusterParameters;
    this.launcher = launcher;
    this.postmaster = postmaster;
    this.directory = directory;
    this.configFiles = configFiles;
    this.sql = sql;
    this.slots = slots;
  }

  PostgresStatus sample() {
    Optional<PidFile> running;
    boolean stopped;
    try {
      running = postmaster.running();
      stopped = running.isEmpty() && postmaster.confirmedStopped();
    } catch (PostgresFailure e) {
      // Not known to be stopped: whoever holds the key must not give it back for this.
      return new PostgresStatus.Unresponsive(String.valueOf(e.getMessage()));
    }
    try {
      if (running.isPresent()) {
        return running(running.get());
      }
      if (stopped) {
        return stopped();
      }
      return postmaster.startUnderWay()
          ? new PostgresStatus.Starting(instance.dataId())
          : new PostgresStatus.Unresponsive(
              "processes of PostgreSQL live in "
                  + instance.dataDir()
                  + " without a server process that lets clients in");
    } catch (PostgresFailure e) {
      return new PostgresStatus.Unusable(String.valueOf(e.getMessage()));
    }
  }

  private PostgresStatus stopped() {
    return switch (directory.check()) {
      case DirectoryCheck.Kind.Empty() -> new PostgresStatus.NoData();
      case DirectoryCheck.Kind.Unusable(String reason) -> new PostgresStatus.Unusable(reason);
      case DirectoryCheck.Kind.Whole() ->
          new PostgresStatus.Stopped(
              ControlData.read(launcher, instance).facts(),
              instance.dataId(),
              instance.hasStandbySignal());
    };
  }

  private PostgresStatus running(PidFile file) {
    if (postmaster.suspended(file)) {
      return new PostgresStatus.Unresponsive(
          "the server process " + file.pid() + " was stopped by a signal (SIGSTOP)");
    }
    if (!file.ready()) {
      return new PostgresStatus.Starting(instance.dataId());
    }
    try {
      return ask(sql.of(file));
    } catch (PostgresFailure e) {
      String reason = String.valueOf(e.getMessage());
      return reason.startsWith("not accepting connections yet")
          ? new PostgresStatus.Starting(instance.dataId())
          : new PostgresStatus.Unresponsive(
              reason.contains("authentication failed")
                  ? "postgresql.authentication.superuser does not fit this database: " + reason
                  : reason);
    }
  }

  /** Answers of several kinds of row in one round trip. */
  private sealed interface Answer {
    record Server(
        boolean recovery,
        long systemIdentifier,
        int version,
        Instant start,
        int timeline,
        Optional<Lsn> flush,
        Optional<Lsn> receive,
        Optional<Lsn> replay,
        Optional<Instant> replayedAt,
        boolean paused,
        Optional<Lsn> insert)
        implements Answer {}

    record Receiver(boolean streaming, int timeline) implements Answer {}

    record Sender(PostgresStatus.Replication row) implements Answer {}

    record Slot(PostgresStatus.Slot row) implements Answer {}

    record Pending(PendingSetting setting) implements Answer {}
  }

  private PostgresStatus ask(Sql open) {
    List<List<Answer>> answers =
        open.queries(
            List.of(SERVER, RECEIVER, SENDERS, SLOTS, PendingSettings.SQL),
            List.of(
                PostgresSampler::server,
                row -> new Answer.Receiver(row.text(1).equals("streaming"), (int) row.number(2)),
                PostgresSampler::sender,
                PostgresSampler::slot,
                row ->
                    new Answer.Pending(new PendingSetting(row.text(1), row.text(2), row.text(3)))));
    List<PendingSetting> pending =
        answers.get(4).stream().map(answer -> ((Answer.Pending) answer).setting()).toList();
    Answer.Server server = (Answer.Server) answers.get(0).getFirst();
    flushing.check(open, server.flush(), server.insert());
    return server.recovery()
        ? standby(
            server,
            answers.get(1),
            withShrinking(pending, open, server.start()),
            server.paused()
                ? StandbyLimits.tooLow(open, ControlData.read(launcher, instance))
                : Optional.empty())
        : primary(server, answers, pending);
  }

  private List<PendingSetting> withShrinking(
      List<PendingSetting> known, Sql standby, Instant start) {
    Set<String> names = known.stream().map(PendingSetting::name).collect(Collectors.toSet());
    return Stream.concat(
            known.stream(),
            clusterParameters.get().stream()
                .flatMap(cluster -> shrinkable.of(standby, start, cluster).stream())
                .filter(setting -> !names.contains(setting.name())))
        .sorted(Comparator.comparing(PendingSetting::name))
        .toList();
  }

  private static Answer server(Sql.Row row) {
    return new Answer.Server(
        row.flag(1),
        row.number(2),
        (int) row.number(3),
        row.time(4).orElse(Instant.EPOCH),
        (int) row.number(5),
        row.lsn(6),
        row.lsn(7),
        row.lsn(8),
        row.time(9),
        row.flag(10),
        row.lsn(11));
  }

  private static Answer sender(Sql.Row row) {
    return new Answer.Sender(
        new PostgresStatus.Replication(
            row.text(1),
            row.text(2),
            row.text(3),
            row.text(4),
            row.lsn(5),
            row.lsn(6),
            row.text(7),
            (int) row.number(8)));
  }

  private static Answer slot(Sql.Row row) {
    long left = row.number(5);
    return new Answer.Slot(
        new PostgresStatus.Slot(
            row.text(1),
            row.flag(2),
            row.flag(3),
            row.number(4),
            left < 0 ? OptionalLong.empty() : OptionalLong.of(left)));
  }

  private PostgresStatus primary(
      Answer.Server server, List<List<Answer>> answers, List<PendingSetting> pending) {
    Set<String> own = slots.owned();
    return new PostgresStatus.Primary(
        server.systemIdentifier(),
        instance.dataId(),
        server.version(),
        server.start(),
        new TimelineId(server.timeline()),
        server.flush().orElse(Lsn.INVALID),
        answers.get(2).stream().map(answer -> ((Answer.Sender) answer).row()).toList(),
        answers.get(3).stream()
            .map(answer -> ((Answer.Slot) answer).row())
            .filter(slot -> own.contains(slot.name()))
            .toList(),
        pending);
  }

  private PostgresStatus standby(
      Answer.Server server,
      List<Answer> receivers,
      List<PendingSetting> pending,
      Optional<String> replayStop) {
    Upstream upstream = configFiles.upstream();
    Optional<Answer.Receiver> receiver =
        receivers.stream().map(answer -> (Answer.Receiver) answer).findFirst();
    // At the agent's own socket a receiver waits for ever: it receives nothing.
    boolean streaming =
        !(upstream instanceof Upstream.Frozen)
            && receiver.filter(Answer.Receiver::streaming).isPresent();
    return new PostgresStatus.Standby(
        server.systemIdentifier(),
        instance.dataId(),
        server.version(),
        server.start(),
        upstream,
        streaming,
        receiver.filter(row -> row.timeline() > 0).map(row -> new TimelineId(row.timeline())),
        server.receive(),
        server.replay().orElse(Lsn.INVALID),
        server.replayedAt(),
        server.paused(),
        pending,
        upstream instanceof Upstream.Following && !streaming
            ? ReceiverProblem.read(instance)
            : Optional.empty(),
        replayStop);
  }
}
