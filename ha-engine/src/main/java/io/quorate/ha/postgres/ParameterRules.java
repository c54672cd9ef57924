package io.quorate.ha.postgres;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which value each PostgreSQL setting gets. Some are the same on the whole cluster or belong to
 * Quorate alone; they come from the cluster's settings or not at all, and stand on the command line
 * too, where {@code ALTER SYSTEM} cannot override them.
 */
final class ParameterRules {

  private static final Logger LOG = LoggerFactory.getLogger(ParameterRules.class);

  /** A number of the whole cluster: its default, its least value, its name in pg_controldata. */
  private record Shared(long standard, long least, boolean inControlFile) {}

  private static final SortedMap<String, Shared> SHARED =
      new TreeMap<>(
          Map.of(
              "max_connections", new Shared(100, 25, true),
              "max_wal_senders", new Shared(10, 3, true),
              "max_prepared_transactions", new Shared(0, 0, true),
              "max_locks_per_transaction", new Shared(64, 32, true),
              "max_worker_processes", new Shared(8, 2, true),
              "max_replication_slots", new Shared(10, 4, false)));

  private static final Set<String> SWITCHES = Set.of("on", "off", "true", "false", "yes", "no");

  /** Set by Quorate in its upstream file, or meaningless beside it. */
  private static final Set<String> OWNED =
      Set.of(
          "primary_conninfo",
          "primary_slot_name",
          "wal_receiver_create_temp_slot",
          "synchronous_standby_names",
          "recovery_target",
          "recovery_target_action",
          "recovery_target_inclusive",
          "recovery_target_lsn",
          "recovery_target_name",
          "recovery_target_time",
          "recovery_target_timeline",
          "recovery_target_xid",
          "data_directory",
          "config_file");

  private ParameterRules() {}

  /** Names that may stand in no other file than Quorate's own. */
  static Set<String> owned() {
    return OWNED;
  }

  /** Those that stand on the command line. */
  static SortedMap<String, String> controlled(PostgresConfig config, Map<String, String> cluster) {
    SortedMap<String, String> values = new TreeMap<>();
    values.put("listen_addresses", config.listenAddresses());
    values.put("port", Integer.toString(config.port()));
    values.put("cluster_name", config.scope());
    values.put("hot_standby", "on");
    values.put("wal_level", walLevel(cluster.getOrDefault("wal_level", "replica")));
    values.put("wal_log_hints", switchValue(cluster, "wal_log_hints", "on"));
    values.put("track_commit_timestamp", switchValue(cluster, "track_commit_timestamp", "off"));
    SHARED.forEach(
        (name, shared) -> values.put(name, Long.toString(number(cluster, name, shared))));
    return values;
  }

  /**
   * The controlled settings of a start as standby: never below what the control file says that the
   * primary ran with, else the standby stops replaying. Which were raised is logged: they take
   * effect at a later restart.
   */
  static SortedMap<String, String> controlledForStandby(
      PostgresConfig config, Map<String, String> cluster, ToLongFunction<String> controlFile) {
    SortedMap<String, String> values = controlled(config, cluster);
    SHARED.forEach((name, shared) -> {
      if (shared.inControlFile()) {
        long wanted = Long.parseLong(values.getOrDefault(name, "0"));
        long needed = controlFile.applyAsLong(name);
        if (needed > wanted) {
          LOG.warn("{}: {} until the primary runs with {}", name, needed, wanted);
          values.put(name, Long.toString(needed));
        }
      }
    });
    return values;
  }

  /** Every setting of postgresql.conf: the cluster's, then this member's, then the controlled. */
  static SortedMap<String, String> all(
      PostgresConfig config, Map<String, String> cluster, SortedMap<String, String> controlled) {
    SortedMap<String, String> values = new TreeMap<>();
    values.put("wal_keep_size", "128MB");
    SlotWalLimit.standard(config.dataDir())
        .ifPresent(limit -> values.put(SlotWalLimit.NAME, limit));
    values.put("wal_retrieve_retry_interval", "100ms");
    cluster.forEach((name, value) -> put(values, name, value));
    config.parameters().forEach((name, value) -> put(values, name, value));
    values.putAll(controlled);
    return values;
  }

  private static void put(SortedMap<String, String> values, String name, String value) {
    if (OWNED.contains(name)) {
      LOG.warn("postgresql.parameters.{} belongs to Quorate and is left out", name);
    } else {
      values.put(name, value);
    }
  }

  /**
   * Why {@code value} would be replaced by a default: what a cluster cannot do without is kept
   * within its rules. Empty where the rules say nothing against it.
   */
  static Optional<String> objection(String name, String value) {
    Shared shared = SHARED.get(name);
    if (shared != null) {
      return isFrom(shared.least(), value)
          ? Optional.empty()
          : Optional.of("must be a number from " + shared.least() + ", is '" + value + "'");
    }
    return switch (name) {
      case "wal_level" ->
          Set.of("replica", "hot_standby", "logical").contains(value)
              ? Optional.empty()
              : Optional.of("must be replica or logical, is '" + value + "'");
      case "wal_log_hints", "track_commit_timestamp" ->
          SWITCHES.contains(value)
              ? Optional.empty()
              : Optional.of("must be on or off, is '" + value + "'");
      default -> Optional.empty();
    };
  }

  private static boolean isFrom(long least, String value) {
    try {
      return Long.parseLong(value.strip()) >= least;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static String walLevel(String wanted) {
    return switch (wanted) {
      case "logical" -> "logical";
      case "replica", "hot_standby" -> "replica";
      default -> {
        LOG.warn("wal_level '{}' does not suit a cluster: using replica", wanted);
        yield "replica";
      }
    };
  }

  private static String switchValue(Map<String, String> cluster, String name, String standard) {
    String value = cluster.getOrDefault(name, standard);
    if (SWITCHES.contains(value)) {
      return value;
    }
    LOG.warn("{} '{}' is neither on nor off: using {}", name, value, standard);
    return standard;
  }

  private static long number(Map<String, String> cluster, String name, Shared shared) {
    String value = cluster.get(name);
    if (value == null) {
      return shared.standard();
    }
    if (isFrom(shared.least(), value)) {
      return Long.parseLong(value.strip());
    }
    LOG.warn(
        "{} '{}' is no number from {}: using {}", name, value, shared.least(), shared.standard());
    return shared.standard();
  }
}
