package io.quorate.rpc.rest;

import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * {@code /metrics} in Prometheus' text form: Patroni's metrics under their names, in their order,
 * then Quorate's own.
 */
final class MetricsText {

  private final StringBuilder out = new StringBuilder(4096);
  private final String labels;

  private MetricsText(String labels) {
    this.labels = labels;
  }

  static String of(NodeSnapshot snapshot, BootTime now) {
    MetricsText text =
        new MetricsText(
            "{scope=\"" + snapshot.scope() + "\",name=\"" + snapshot.name().value() + "\"} ");
    text.patroni(snapshot, now);
    text.quorate(snapshot, now);
    return text.out.toString();
  }

  private void patroni(NodeSnapshot snapshot, BootTime now) {
    HealthFacts facts = HealthFacts.of(snapshot, now);
    PostgresStatus postgres = facts.fresh() ? snapshot.postgres() : new PostgresStatus.Unobserved();
    boolean primary = postgres instanceof PostgresStatus.Primary;
    boolean replica = postgres instanceof PostgresStatus.Standby;
    gauge("patroni_version", "Patroni semver without periods.", version(snapshot.version()));
    gauge(
        "patroni_postgres_running",
        "Value is 1 if Postgres is running, 0 otherwise.",
        facts.running());
    gauge(
        "patroni_postmaster_start_time",
        "Epoch seconds since Postgres started.",
        Positions.of(postgres).startedAt());
    gauge("patroni_primary", "Value is 1 if this node is the primary, 0 otherwise.", primary);
    counter(
        "patroni_xlog_location",
        "Current location of the Postgres transaction log, 0 if this node is not the primary.",
        Positions.of(postgres).written());
    gauge(
        "patroni_standby_leader",
        "Value is 1 if this node is the standby_leader, 0 otherwise.",
        false);
    gauge("patroni_replica", "Value is 1 if this node is a replica, 0 otherwise.", replica);
    gauge(
        "patroni_sync_standby",
        "Value is 1 if this node is a sync standby, 0 otherwise.",
        facts.synchronous());
    gauge(
        "patroni_quorum_standby",
        "Value is 1 if this node is a quorum standby, 0 otherwise.",
        facts.quorum());
    positions(postgres, primary || replica);
    gauge(
        "patroni_cluster_unlocked",
        "Value is 1 if the cluster is unlocked, 0 if locked.",
        StatusJson.isUnlocked(snapshot, now));
    gauge(
        "patroni_failsafe_mode_is_active",
        "Value is 1 if failsafe mode is active, 0 if inactive.",
        false);
    gauge(
        "patroni_postgres_timeline",
        "Postgres timeline of this node (if running), 0 otherwise.",
        Long.toString(Positions.of(postgres).timeline()));
    gauge(
        "patroni_dcs_last_seen",
        "Epoch timestamp when DCS was last contacted successfully.",
        Long.toString(snapshot.seenAt().map(Instant::getEpochSecond).orElse(0L)));
    gauge(
        "patroni_pending_restart",
        "Value is 1 if the node needs a restart, 0 otherwise.",
        pendingRestart(postgres));
    gauge(
        "patroni_is_paused",
        "Value is 1 if auto failover is disabled, 0 otherwise.",
        snapshot.settings().pause());
    boolean known = facts.fresh() && !(postgres instanceof PostgresStatus.None);
    state(known ? snapshot.state() : PatroniState.UNKNOWN);
  }

  private void positions(PostgresStatus postgres, boolean reachable) {
    Positions positions = Positions.of(postgres);
    counter(
        "patroni_xlog_received_location",
        "Current location of the received Postgres transaction log, 0 if this node is not a replica.",
        positions.received());
    counter(
        "patroni_xlog_replayed_location",
        "Current location of the replayed Postgres transaction log, 0 if this node is not a replica.",
        positions.replayed());
    gauge(
        "patroni_xlog_replayed_timestamp",
        "Current timestamp of the replayed Postgres transaction log, 0 if null.",
        positions.replayedAt());
    gauge(
        "patroni_xlog_paused",
        "Value is 1 if the Postgres xlog is paused, 0 otherwise.",
        positions.paused());
    if (reachable) {
      gauge(
          "patroni_postgres_streaming",
          "Value is 1 if Postgres is streaming, 0 otherwise.",
          positions.streaming());
      gauge(
          "patroni_postgres_in_archive_recovery",
          "Value is 1 if Postgres is replicating from archive, 0 otherwise.",
          false);
    }
    gauge(
        "patroni_postgres_server_version",
        "Version of Postgres (if running), 0 otherwise.",
        Integer.toString(positions.serverVersion()));
  }

  private void state(PatroniState state) {
    String index =
        Arrays.stream(PatroniState.values())
            .filter(value -> value.metric() >= 0)
            .map(value -> value.metric() + "=" + value.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    out.append("# HELP patroni_postgres_state Numeric representation of Postgres state.\n")
        .append("# Values: ")
        .append(index)
        .append(", -1=unknown\n# TYPE patroni_postgres_state gauge\npatroni_postgres_state")
        .append(labels)
        .append(state.metric())
        .append('\n');
  }

  private void quorate(NodeSnapshot snapshot, BootTime now) {
    gauge(
        "quorate_primary",
        "1 while PostgreSQL here is writable under a good lease: what /primary answers.",
        HealthAnswer.isPrimary(snapshot, now));
    snapshot
        .holdUntil()
        .ifPresent(until ->
            gauge(
                "quorate_lease_left_seconds",
                "Time until the agent ends PostgreSQL unless the lease is renewed.",
                seconds(now.until(until))));
    gauge(
        "quorate_snapshot_age_seconds",
        "Time since the engine's last decision; large means that it hangs.",
        seconds(snapshot.publishedAt().until(now)));
    gauge(
        "quorate_epoch",
        "Fencing token of the cluster's primary, 0 while there is none.",
        Long.toString(
            snapshot
                .cluster()
                .flatMap(view -> view.leader())
                .map(leader -> leader.epoch().value())
                .orElse(0L)));
    gauge(
        "quorate_witness",
        "1 where this member votes in the store and has no PostgreSQL.",
        snapshot.postgres() instanceof PostgresStatus.None);
    gauge(
        "quorate_guardian_armed",
        "1 while the guardian stands by to end PostgreSQL should the agent fail.",
        snapshot.guardianArmed());
    if (snapshot.postgres() instanceof PostgresStatus.Primary primary) {
      slots(primary);
    }
    gauge(
        "quorate_store_leader", "1 while this member leads the store.", snapshot.store().leading());
    gauge(
        "quorate_store_has_leader",
        "1 while this member knows a leader of the store.",
        snapshot.store().leader().isPresent());
    counter("quorate_store_term", "Raft term.", snapshot.store().term());
    counter("quorate_store_commit_index", "Raft commit index.", snapshot.store().commitIndex());
    counter("quorate_store_applied_index", "Raft applied index.", snapshot.store().appliedIndex());
    counter(
        "quorate_store_revision",
        "Revision of the local replica.",
        snapshot.store().appliedRevision().value());
    gauge(
        "quorate_store_problem",
        "1 while the store ails here; the status says of what.",
        snapshot.store().problem().isPresent());
  }

  private void slots(PostgresStatus.Primary primary) {
    perSlot(
        primary,
        "quorate_slot_active",
        "1 while a member receives through the replication slot.",
        slot -> slot.active() ? 1 : 0);
    perSlot(
        primary,
        "quorate_slot_held_bytes",
        "WAL that is kept for the replication slot.",
        PostgresStatus.Slot::heldBytes);
    perSlot(
        primary,
        "quorate_slot_left_bytes",
        "WAL that may be written until the replication slot is lost, -1 without limit.",
        slot -> slot.leftBytes().orElse(-1));
    perSlot(
        primary,
        "quorate_slot_lost",
        "1 where WAL that the replication slot stood for was removed.",
        slot -> slot.lost() ? 1 : 0);
  }

  private void perSlot(
      PostgresStatus.Primary primary,
      String name,
      String help,
      ToLongFunction<PostgresStatus.Slot> value) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(" gauge\n");
    for (PostgresStatus.Slot slot : primary.slots()) {
      out.append(name)
          .append(labels.replace("} ", ",slot=\"" + slot.name() + "\"} "))
          .append(value.applyAsLong(slot))
          .append('\n');
    }
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e9);
  }

  /** 4.1.4 as 040104. */
  private static String version(String version) {
    String[] parts = version.replaceFirst("[^0-9.].*", "").split("\\.", -1);
    StringBuilder number = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      String part = i < parts.length && !parts[i].isEmpty() ? parts[i] : "0";
      number.append(part.length() < 2 ? "0" + part : part);
    }
    return number.toString();
  }

  private void gauge(String name, String help, boolean value) {
    metric(name, "gauge", help, value ? "1" : "0");
  }

  private void gauge(String name, String help, String value) {
    metric(name, "gauge", help, value);
  }

  private void counter(String name, String help, long value) {
    metric(name, "counter", help, Long.toString(value));
  }

  private void metric(String name, String type, String help, String value) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    out.append(name).append(labels).append(value).append('\n');
  }

  private static boolean pendingRestart(PostgresStatus postgres) {
    return (postgres instanceof PostgresStatus.Primary p && !p.pendingRestart().isEmpty())
        || (postgres instanceof PostgresStatus.Standby s && !s.pendingRestart().isEmpty());
  }
}
