package io.quorate.node.config;

import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Secret;
import io.quorate.ha.postgres.PostgresConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code postgresql}, and from {@code bootstrap} what concerns the instance. */
final class PostgresSection {

  private static final int DEFAULT_PORT = 5432;
  private static final String DEFAULT_KEPT_WAL = "1GB";

  /** Only the whole cluster's settings may set these: members that differ cannot follow. */
  private static final Set<String> CLUSTER_WIDE =
      Set.of(
          "wal_level",
          "hot_standby",
          "max_connections",
          "max_wal_senders",
          "wal_keep_segments",
          "wal_keep_size",
          "max_prepared_transactions",
          "max_locks_per_transaction",
          "track_commit_timestamp",
          "max_replication_slots",
          "max_worker_processes",
          "wal_log_hints");

  /** These follow from other settings. */
  private static final Set<String> DERIVED = Set.of("listen_addresses", "port", "cluster_name");

  private static final Set<String> INITDB_OWN =
      Set.of("pgdata", "nosync", "pwfile", "sync-only", "version", "username");

  /** Of {@code pg_basebackup}: those that change neither what a copy is nor where it goes. */
  private static final Set<String> BASEBACKUP_OPTIONS =
      new TreeSet<>(
          Set.of(
              "checkpoint",
              "manifest-checksums",
              "manifest-force-encode",
              "max-rate",
              "no-manifest",
              "no-verify-checksums",
              "progress",
              "verbose"));

  /** Kilobytes, or with a unit; pg_basebackup knows no other. */
  private static final Pattern RATE = Pattern.compile("([0-9]{1,9})([kM])?");

  private static final long RATE_LEAST_KB = 32;
  private static final long RATE_MOST_KB = 1_048_576;

  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})\\s*(B|kB|MB|GB|TB)?");

  private final Section section;
  private final Section bootstrap;
  private final Section shared;
  private final Optional<Path> programs;

  /**
   * A reader.
   *
   * @param programs where PostgreSQL's programs were found, for want of {@code bin_dir}
   */
  PostgresSection(Section root, Optional<Path> programs) {
    this.section = root.section("postgresql");
    this.bootstrap = root.section("bootstrap");
    this.shared = bootstrap.section("dcs").section("postgresql");
    this.programs = programs;
  }

  /** Reads the section; nothing when it has an error. */
  Optional<PostgresConfig> read(Optional<String> scope, Optional<MemberName> name, Path stateDir) {
    checkKeys();
    Optional<Path> dataDir = dataDir(stateDir);
    Optional<Path> binDir = binDir();
    Optional<Listen> listen = listen();
    Optional<HostPort> connect =
        Reading.connectAddress(section, listen.flatMap(Listen::single), Optional.of(DEFAULT_PORT));
    Section authentication = section.section("authentication");
    PatroniKeys.AUTHENTICATION.check(authentication);
    Optional<PostgresConfig.Credentials> superuser = credentials(authentication, "superuser");
    Optional<PostgresConfig.Credentials> replication = credentials(authentication, "replication");
    Optional<PostgresConfig.Credentials> rewind =
        authentication.has("rewind") ? credentials(authentication, "rewind") : Optional.empty();
    Map<String, String> parameters = parameters();
    List<String> initdb = initdbOptions();
    List<String> basebackup = basebackupOptions();
    long keptWal = keptWal();
    if (scope.isEmpty()
        || name.isEmpty()
        || dataDir.isEmpty()
        || binDir.isEmpty()
        || listen.isEmpty()
        || connect.isEmpty()
        || superuser.isEmpty()
        || replication.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new PostgresConfig(
            scope.get(),
            name.get(),
            dataDir.get(),
            binDir.get(),
            stateDir,
            listen.get().addresses(),
            listen.get().port(),
            connect.get().host(),
            connect.get().port(),
            superuser.get(),
            replication.get(),
            rewind,
            section.flag("use_unix_socket", false),
            parameters,
            lines("pg_hba"),
            lines("pg_ident"),
            initdb,
            basebackup,
            flag("use_pg_rewind", true),
            flag("remove_data_directory_on_rewind_failure", false),
            flag("remove_data_directory_on_diverged_timelines", false),
            keptWal));
  }

  private void checkKeys() {
    Set<String> methods = new HashSet<>(methods(section));
    methods.addAll(methods(shared));
    checkKeys(section, PatroniKeys.POSTGRESQL, methods);
    checkKeys(shared, PatroniKeys.DCS_POSTGRESQL, methods);
  }

  /** Checks the section {@code postgresql} of the dynamic configuration on its own. */
  static void checkShared(Section shared) {
    checkKeys(shared, PatroniKeys.DCS_POSTGRESQL, methods(shared));
    derived(shared.section("parameters"));
  }

  private static void derived(Section parameters) {
    parameters.keys().stream()
        .filter(DERIVED::contains)
        .forEach(name -> parameters.ignored(name, "follows from 'postgresql.listen' and 'scope'"));
  }

  private static Set<String> methods(Section place) {
    Set<String> methods = new HashSet<>();
    for (String key : List.of("create_replica_methods", "create_replica_method")) {
      place.texts(key).stream().filter(m -> !m.equals("basebackup")).forEach(methods::add);
    }
    return methods;
  }

  private static void checkKeys(Section place, KeyTable table, Set<String> methods) {
    table.check(place, methods);
    methods.stream()
        .filter(place::has)
        .forEach(method -> place.ignored(method, "standbys are made with pg_basebackup"));
  }

  private Optional<Path> dataDir(Path stateDir) {
    Optional<Path> dataDir =
        section.requiredText("data_dir", "/var/lib/postgresql/15/main").map(Path::of);
    if (dataDir.filter(dir -> !dir.isAbsolute()).isPresent()) {
      section.error("data_dir", "must be an absolute path, is '" + dataDir.get() + "'");
      return Optional.empty();
    }
    if (dataDir.filter(stateDir.normalize()::startsWith).isPresent()) {
      section.error(
          "data_dir",
          "holds 'state_dir' ("
              + stateDir
              + "), which must survive the removal of the data directory: set 'state_dir' elsewhere");
      return Optional.empty();
    }
    return dataDir;
  }

  private Optional<Path> binDir() {
    if (!section.has("bin_dir")) {
      if (programs.isEmpty()) {
        section.error(
            "bin_dir",
            "is required, because no 'postgres' is on PATH or below /usr/lib/postgresql: name the"
                + " directory that has postgres, initdb, pg_basebackup and pg_rewind");
      }
      return programs;
    }
    Optional<Path> binDir = section.text("bin_dir").map(Path::of);
    if (binDir.filter(dir -> !Files.isExecutable(dir.resolve("postgres"))).isPresent()) {
      section.error(
          "bin_dir",
          "there is no program 'postgres' in "
              + binDir.get()
              + ": name PostgreSQL's bin directory");
      return Optional.empty();
    }
    return binDir;
  }

  /** {@code addr[,addr…]:port}. */
  private record Listen(String addresses, int port) {
    /** As one address, if it is one; several count as all. */
    Optional<HostPort> single() {
      return Optional.of(
          addresses.contains(",") ? new HostPort("*", port) : new HostPort(addresses, port));
    }
  }

  private Optional<Listen> listen() {
    Optional<String> text = section.requiredText("listen", "0.0.0.0:5432");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    String[] parts = text.get().split("\\s*,\\s*", -1);
    try {
      HostPort last = HostPort.parse(parts[parts.length - 1], Optional.of(DEFAULT_PORT));
      parts[parts.length - 1] = last.host();
      return Optional.of(new Listen(String.join(",", parts), last.port()));
    } catch (IllegalArgumentException e) {
      section.error("listen", e.getMessage() + "; expected ADDRESS[,ADDRESS...]:PORT");
      return Optional.empty();
    }
  }

  private static Optional<PostgresConfig.Credentials> credentials(
      Section authentication, String role) {
    Section section = authentication.section(role);
    PatroniKeys.CREDENTIALS.check(section);
    Optional<String> username = section.requiredText("username", role);
    Map<String, String> ssl = new TreeMap<>();
    for (String key : section.keys()) {
      if (!key.equals("username") && !key.equals("password")) {
        section.text(key).ifPresent(value -> ssl.put(key, value));
      }
    }
    Optional<Secret> password = section.text("password").map(Secret::new);
    return username.map(user -> new PostgresConfig.Credentials(user, password, ssl));
  }

  private NavigableMap<String, String> parameters() {
    NavigableMap<String, String> parameters = section.parameters("parameters");
    Section own = section.section("parameters");
    Section everybody = shared.section("parameters");
    for (String name : own.keys()) {
      if (CLUSTER_WIDE.contains(name)) {
        own.ignored(
            name, "must be the same everywhere: set it under bootstrap.dcs.postgresql.parameters");
        parameters.remove(name);
      }
    }
    derived(own);
    derived(everybody);
    DERIVED.forEach(parameters::remove);
    return parameters;
  }

  /** The member's own lines, else the cluster's, else those for a new cluster. */
  private List<String> lines(String key) {
    if (section.has(key)) {
      return section.texts(key);
    }
    if (shared.has(key)) {
      return shared.texts(key);
    }
    return key.equals("pg_hba") ? bootstrap.texts(key) : List.of();
  }

  /** The member's own setting, else the cluster's. */
  private boolean flag(String key, boolean otherwise) {
    return section.flag(key).or(() -> shared.flag(key)).orElse(otherwise);
  }

  private List<String> initdbOptions() {
    List<String> options = new ArrayList<>();
    bootstrap
        .options("initdb")
        .forEach((name, value) -> {
          if (INITDB_OWN.contains(name)) {
            bootstrap.error("initdb", "option '" + name + "' is set by Quorate itself: remove it");
          } else {
            options.add(value.map(v -> name + "=" + v).orElse(name));
          }
        });
    return options;
  }

  private List<String> basebackupOptions() {
    List<String> options = new ArrayList<>();
    section
        .options("basebackup")
        .forEach((name, value) -> {
          if (BASEBACKUP_OPTIONS.contains(name)) {
            wrongRate(name, value).ifPresent(why -> section.error("basebackup", why));
            options.add(value.map(v -> name + "=" + v).orElse(name));
          } else {
            section.error(
                "basebackup",
                "option '"
                    + name
                    + "' cannot be given, for a copy is plain, complete and synced: possible are "
                    + String.join(", ", BASEBACKUP_OPTIONS));
          }
        });
    return options;
  }

  /** What pg_basebackup would refuse each time a copy is needed. */
  private static Optional<String> wrongRate(String name, Optional<String> value) {
    if (!name.equals("max-rate")) {
      return Optional.empty();
    }
    String text = value.orElse("");
    Matcher rate = RATE.matcher(text);
    long kilobytes =
        rate.matches() ? Long.parseLong(rate.group(1)) << ("M".equals(rate.group(2)) ? 10 : 0) : 0;
    return kilobytes >= RATE_LEAST_KB && kilobytes <= RATE_MOST_KB
        ? Optional.empty()
        : Optional.of("max-rate must be from 32k to 1024M a second, is '" + text + "'");
  }

  private long keptWal() {
    String text = section.text("kept_wal_limit").orElse(DEFAULT_KEPT_WAL);
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      section.error("kept_wal_limit", "must be a size such as 512MB or 4GB, is '" + text + "'");
      return 0;
    }
    String unit = size.group(2) == null ? "B" : size.group(2);
    int shift =
        switch (unit) {
          case "kB" -> 10;
          case "MB" -> 20;
          case "GB" -> 30;
          case "TB" -> 40;
          default -> 0;
        };
    long number = Long.parseLong(size.group(1));
    if (number > Long.MAX_VALUE >> shift) {
      section.error("kept_wal_limit", "is too large: '" + text + "'");
      return 0;
    }
    return number << shift;
  }
}
