package io.quorate.node.config;

/** Every key that Quorate or Patroni knows, section by section, with what becomes of it. */
final class PatroniKeys {

  private static final String NOT_YET = "not carried yet";
  private static final String ONE_STORE =
      "Quorate keeps its own store, and two stores must not decide over one cluster: remove this"
          + " section and describe the store's members under 'raft.members'";
  private static final String NO_KEY_PASSWORD =
      "keys with a password are not carried: store the key without one, readable for its owner alone,"
          + " and remove this";
  private static final String NO_SYNC =
      "synchronous replication is not carried yet, and without it commits can be lost that this"
          + " setting promises to keep: remove it if that is acceptable";
  private static final String SLOTS =
      "permanent slots are not carried yet, and their consumers would miss changes after a"
          + " failover: remove it if that is acceptable";
  private static final String PER_ROLE =
      "settings by role are not carried yet, and one set for all roles may allow too much: move"
          + " what every role needs to the setting without the role's name";

  static final KeyTable TOP =
      new KeyTable()
          .read(
              "scope",
              "namespace",
              "name",
              "insecure_plaintext",
              "state_dir",
              "restapi",
              "grpc",
              "etcd_api",
              "raft",
              "witness",
              "bootstrap",
              "postgresql",
              "tags",
              "log",
              "watchdog",
              "ctl",
              "tls")
          .ignored("threads are not pooled", "thread_pool_size", "thread_stack_size")
          .refused("etcd", ONE_STORE)
          .refused("etcd3", ONE_STORE)
          .refused("consul", ONE_STORE)
          .refused("zookeeper", ONE_STORE)
          .refused("exhibitor", ONE_STORE)
          .refused("kubernetes", ONE_STORE)
          .refused("citus", "Citus clusters are not carried: remove this section")
          .refused("mpp", "Citus clusters are not carried: remove this section");

  static final KeyTable REST =
      new KeyTable()
          .read(
              "listen",
              "connect_address",
              "insecure_plaintext",
              "authentication",
              "allowlist",
              "certfile",
              "keyfile",
              "cafile",
              "verify_client")
          .refused(
              "allowlist_include_members",
              "not carried: list the members' addresses in 'restapi.allowlist'")
          .ignored(
              NOT_YET,
              "ciphers",
              "http_extra_headers",
              "https_extra_headers",
              "request_queue_size",
              "server_tokens",
              "thread_pool_size")
          .refused("keyfile_password", NO_KEY_PASSWORD);

  static final KeyTable CTL =
      new KeyTable()
          .read("authentication", "insecure", "cacert", "certfile", "keyfile")
          .refused("keyfile_password", NO_KEY_PASSWORD);

  static final KeyTable TLS = new KeyTable().read("cert_file", "key_file", "ca_file");

  static final KeyTable LOGIN = new KeyTable().read("username", "password");

  static final KeyTable GRPC =
      new KeyTable().read("listen", "connect_address", "insecure_plaintext");

  static final KeyTable ETCD_API =
      new KeyTable().read("listen", "connect_address", "insecure_plaintext");

  static final KeyTable RAFT =
      new KeyTable()
          .read(
              "listen",
              "member_listen",
              "connect_address",
              "data_dir",
              "members",
              "insecure_plaintext")
          .refused("self_addr", "of Patroni's own Raft: give the address in 'raft.members'")
          .refused("bind_addr", "of Patroni's own Raft: use 'raft.listen'")
          .refused("partner_addrs", "of Patroni's own Raft: list them in 'raft.members'")
          .refused("password", "members do not authenticate by password: remove it");

  static final KeyTable RAFT_MEMBER =
      new KeyTable().read("name", "address", "member_address", "grpc_address", "etcd_address");

  static final KeyTable BOOTSTRAP =
      new KeyTable()
          .read("dcs", "initdb", "pg_hba")
          .ignored("removed in Patroni 4", "users")
          .refused(
              "method",
              PatroniKeys::isInitdb,
              "only initdb is carried: another way of making the cluster must not be replaced by an"
                  + " empty one")
          .refused(
              "post_bootstrap",
              "not carried yet, and a cluster without what this script sets up may be open or"
                  + " incomplete: remove it and run the script by hand")
          .refused(
              "post_init",
              "not carried yet, and a cluster without what this script sets up may be open or"
                  + " incomplete: remove it and run the script by hand");

  static final KeyTable DCS =
      new KeyTable()
          .read(
              "profile",
              "ttl",
              "loop_wait",
              "retry_timeout",
              "maximum_lag_on_failover",
              "primary_start_timeout",
              "master_start_timeout",
              "failover_limit",
              "failover_window",
              "primary_unresponsive_timeout",
              "member_slots_ttl",
              "pause",
              "postgresql")
          .ignored("an election always waits for the store alone", "primary_race_backoff")
          .ignored("elections compare histories always", "check_timeline")
          .ignored(
              NOT_YET,
              "maximum_lag_on_syncnode",
              "synchronous_node_count",
              "max_timelines_history",
              "primary_stop_timeout",
              "master_stop_timeout",
              "failsafe_mode",
              "ignore_slots")
          .refused("synchronous_mode", NO_SYNC)
          .refused("synchronous_mode_strict", NO_SYNC)
          .refused(
              "standby_cluster",
              "standby clusters are not carried yet, and this one would become a primary of its"
                  + " own: remove it only if that is meant")
          .refused("slots", PatroniKeys::isEmpty, SLOTS)
          .refused("permanent_slots", PatroniKeys::isEmpty, SLOTS)
          .refused("permanent_replication_slots", PatroniKeys::isEmpty, SLOTS);

  static final KeyTable DCS_POSTGRESQL =
      new KeyTable()
          .read(
              "parameters",
              "use_slots",
              "use_pg_rewind",
              "remove_data_directory_on_rewind_failure",
              "remove_data_directory_on_diverged_timelines",
              "pg_hba",
              "pg_ident")
          .ignored(
              "only of use in each member's own 'postgresql' section",
              "connect_address",
              "proxy_address",
              "listen",
              "config_dir",
              "data_dir",
              "pgpass",
              "authentication",
              "bin_dir",
              "use_unix_socket",
              "use_unix_socket_repl");

  static final KeyTable POSTGRESQL =
      new KeyTable()
          .read(
              "listen",
              "connect_address",
              "data_dir",
              "bin_dir",
              "authentication",
              "parameters",
              "pg_hba",
              "pg_ident",
              "use_unix_socket",
              "use_pg_rewind",
              "remove_data_directory_on_rewind_failure",
              "remove_data_directory_on_diverged_timelines",
              "basebackup",
              "kept_wal_limit")
          .ignored("the password file is kept in 'state_dir'", "pgpass")
          .ignored("set it under 'bootstrap.dcs.postgresql', for the whole cluster", "use_slots")
          .ignored(NOT_YET, "proxy_address", "use_unix_socket_repl");

  static final KeyTable AUTHENTICATION = new KeyTable().read("superuser", "replication", "rewind");

  static final KeyTable CREDENTIALS =
      new KeyTable()
          .read("username", "password")
          .read(
              "sslmode",
              "sslcert",
              "sslkey",
              "sslrootcert",
              "sslcrl",
              "sslcrldir",
              "sslpassword",
              "gssencmode",
              "channel_binding",
              "sslnegotiation");

  static final KeyTable LOG =
      new KeyTable()
          .read("level")
          .ignored(
              "lines go to stderr in one format",
              "type",
              "traceback_level",
              "format",
              "dateformat",
              "static_fields",
              "max_queue_size",
              "dir",
              "mode",
              "file_num",
              "file_size",
              "loggers",
              "deduplicate_heartbeat_logs");

  static final KeyTable WATCHDOG =
      new KeyTable()
          .ignored("the guardian process stands in", "device", "safety_margin", "driver")
          .refused(
              "mode",
              PatroniKeys::isNotRequired,
              "a watchdog device is not carried yet and so cannot be required; the guardian process"
                  + " ends PostgreSQL when the agent fails: set 'mode: off' if that is acceptable");

  /** Tags that are published and have no effect yet. */
  static final java.util.Set<String> TAGS_WITHOUT_EFFECT =
      java.util.Set.of("clonefrom", "nosync", "sync_priority", "replicatefrom", "nostream");

  static {
    sharedPostgresql(DCS_POSTGRESQL);
    sharedPostgresql(POSTGRESQL);
    DCS_POSTGRESQL.ignored("only of use in 'postgresql'", "basebackup", "kept_wal_limit");
    POSTGRESQL.refused(
        "config_dir",
        "configuration files outside data_dir are not carried yet: move them into data_dir");
  }

  private PatroniKeys() {}

  /** What may stand in both places. */
  private static void sharedPostgresql(KeyTable table) {
    table
        .ignored(
            NOT_YET,
            "callbacks",
            "before_stop",
            "pg_ctl_timeout",
            "rewind",
            "krbsrvname",
            "database",
            "recovery_conf",
            "create_replica_methods",
            "create_replica_method")
        .refused(
            "pre_promote",
            "not carried yet, and a promotion that this command would forbid must not happen:"
                + " remove it if that is acceptable")
        .refused(
            "custom_conf",
            "not carried yet, and PostgreSQL would run without what that file sets: move it to"
                + " 'postgresql.parameters'")
        .refused(
            "bin_name",
            "not carried: put the programs under their usual names into one directory and set"
                + " 'postgresql.bin_dir'")
        .refused("config_base_name", "not carried: the file is called postgresql.conf")
        .refused("parameters_primary", PER_ROLE)
        .refused("parameters_replica", PER_ROLE)
        .refused("parameters_standby_leader", PER_ROLE)
        .refused("pg_hba_primary", PER_ROLE)
        .refused("pg_hba_replica", PER_ROLE)
        .refused("pg_hba_standby_leader", PER_ROLE)
        .refused("pg_ident_primary", PER_ROLE)
        .refused("pg_ident_replica", PER_ROLE)
        .refused("pg_ident_standby_leader", PER_ROLE);
  }

  private static boolean isEmpty(ConfigNode value) {
    return value instanceof ConfigNode.Nothing
        || (value instanceof ConfigNode.Fields(var fields, int _) && fields.isEmpty());
  }

  private static boolean isInitdb(ConfigNode value) {
    return value instanceof ConfigNode.Nothing
        || (value instanceof ConfigNode.Text(String text, boolean _, int _)
            && text.equals("initdb"));
  }

  private static boolean isNotRequired(ConfigNode value) {
    return !(value instanceof ConfigNode.Text(String text, boolean _, int _)
        && text.toLowerCase(java.util.Locale.ROOT).startsWith("require"));
  }
}
