package io.quorate.node.config;

import io.quorate.ha.cluster.SettingsCodec;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.postgres.PostgresConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a whole file. */
final class NodeConfigReader {

  private static final String DEFAULT_NAMESPACE = "/service";
  private static final Path DEFAULT_STATE = Path.of("/var/lib/quorate");

  private final Section root;
  private final Validation validation;
  private final Optional<Path> programs;

  NodeConfigReader(Section root, Validation validation, Optional<Path> programs) {
    this.root = root;
    this.validation = validation;
    this.programs = programs;
  }

  /**
   * The configuration; nothing when a part has an error, and errors may be recorded all the same.
   */
  Optional<NodeConfig> read() {
    PatroniKeys.TOP.check(root);
    Optional<String> scope = Names.scope(root);
    Optional<MemberName> name = Names.member(root, "name");
    Path stateDir = stateDir(scope, name);
    Optional<NodeConfig.Listener> restApi = restApi();
    Optional<NodeConfig.Listener> grpc = grpc(restApi);
    Optional<NodeConfig.Listener> etcdApi = etcdApi();
    Optional<NodeConfig.Raft> raft =
        new RaftSection(root)
            .read(
                name,
                stateDir,
                grpc.map(listener -> listener.connect()),
                etcdApi.map(listener -> listener.connect()));
    boolean database = MemberKind.hasPostgres(root, validation);
    Optional<PostgresConfig> postgres =
        database
            ? new PostgresSection(root, programs).read(scope, name, stateDir)
            : Optional.empty();
    SettingsCodec.Parsed settings = settings();
    MemberTags tags = tags();
    NodeConfig.LogLevel level = logLevel();
    NodeConfig.Access access = AccessReader.read(root);
    PatroniKeys.WATCHDOG.check(root.section("watchdog"));
    if (scope.isEmpty()
        || name.isEmpty()
        || restApi.isEmpty()
        || grpc.isEmpty()
        || raft.isEmpty()
        || (database && postgres.isEmpty())) {
      return Optional.empty();
    }
    NodeConfig config =
        new NodeConfig(
            scope.get(),
            root.text("namespace").orElse(DEFAULT_NAMESPACE),
            name.get(),
            stateDir,
            restApi.get(),
            grpc.get(),
            etcdApi,
            raft.get(),
            postgres,
            settings.settings(),
            settingsTree(),
            tags,
            level,
            access,
            TlsReader.read(root));
    CrossChecks.check(config, root, validation);
    return Optional.of(config);
  }

  private Path stateDir(Optional<String> scope, Optional<MemberName> name) {
    Path stateDir =
        root.text("state_dir")
            .map(Path::of)
            .orElseGet(() ->
                DEFAULT_STATE
                    .resolve(scope.orElse("scope"))
                    .resolve(name.map(MemberName::value).orElse("name")));
    if (!stateDir.isAbsolute()) {
      root.error("state_dir", "must be an absolute path, is '" + stateDir + "'");
    }
    return stateDir;
  }

  private Optional<NodeConfig.Listener> restApi() {
    Section section = root.section("restapi");
    PatroniKeys.REST.check(section);
    if (!section.has("listen")) {
      section.error("listen", "is required, for example 'listen: 127.0.0.1:8008'");
    }
    return listener(section, section.hostPort("listen", Optional.empty()), Optional.empty());
  }

  /** Defaults to the port after the REST API's, on the same host. */
  private Optional<NodeConfig.Listener> grpc(Optional<NodeConfig.Listener> restApi) {
    Section section = root.section("grpc");
    PatroniKeys.GRPC.check(section);
    Optional<HostPort> listen =
        section.has("listen")
            ? section.hostPort("listen", Optional.empty())
            : restApi.map(rest -> rest.listen().plus(1));
    return listener(
        section,
        listen,
        restApi.map(rest -> rest.connect().host()).filter(_ -> !section.has("connect_address")));
  }

  /** Only where it is asked for: clients of the store are not part of a database cluster. */
  private Optional<NodeConfig.Listener> etcdApi() {
    if (!root.has("etcd_api")) {
      return Optional.empty();
    }
    Section section = root.section("etcd_api");
    PatroniKeys.ETCD_API.check(section);
    if (!section.has("listen")) {
      section.error("listen", "is required, for example 'listen: 127.0.0.1:2379'");
    }
    return listener(section, section.hostPort("listen", Optional.empty()), Optional.empty());
  }

  private Optional<NodeConfig.Listener> listener(
      Section section, Optional<HostPort> listen, Optional<String> connectHost) {
    Reading.requirePlaintextSetting(root, section, "listen", listen);
    if (listen.isEmpty()) {
      return Optional.empty();
    }
    Optional<HostPort> connect =
        connectHost.isPresent() && listen.get().isWildcard()
            ? connectHost.map(host -> new HostPort(host, listen.get().port()))
            : Reading.connectAddress(section, listen, Optional.empty());
    return connect.map(address -> new NodeConfig.Listener(listen.get(), address));
  }

  private SettingsCodec.Parsed settings() {
    Section bootstrap = root.section("bootstrap");
    PatroniKeys.BOOTSTRAP.check(bootstrap);
    return DynamicCheck.check(bootstrap.section("dcs"));
  }

  private Map<String, @Nullable Object> settingsTree() {
    return new LinkedHashMap<>(root.section("bootstrap").section("dcs").fields().untypedMap());
  }

  private MemberTags tags() {
    Section tags = root.section("tags");
    NavigableMap<String, String> all = root.scalars("tags", "true", "false");
    Optional<Boolean> noFailover = tags.flag("nofailover");
    int priority = Math.clamp(tags.whole("failover_priority").orElse(1), -1, Integer.MAX_VALUE);
    if (noFailover.isPresent()
        && noFailover.get() != (priority <= 0)
        && all.containsKey("failover_priority")) {
      tags.error(
          "nofailover", "contradicts failover_priority, " + priority + ": leave one of them out");
    }
    tags.keys().stream()
        .filter(PatroniKeys.TAGS_WITHOUT_EFFECT::contains)
        .forEach(key -> tags.ignored(key, "published, and without effect yet"));
    all.values().removeIf("false"::equals);
    return new MemberTags(noFailover.orElse(false), priority, all);
  }

  private NodeConfig.LogLevel logLevel() {
    Section log = root.section("log");
    PatroniKeys.LOG.check(log);
    String level = log.text("level").orElse("INFO").toUpperCase(Locale.ROOT);
    return switch (level) {
      case "DEBUG" -> NodeConfig.LogLevel.DEBUG;
      case "INFO" -> NodeConfig.LogLevel.INFO;
      case "WARN", "WARNING" -> NodeConfig.LogLevel.WARN;
      case "ERROR", "FATAL", "CRITICAL" -> NodeConfig.LogLevel.ERROR;
      default -> {
        log.error("level", "must be DEBUG, INFO, WARNING or ERROR, is '" + level + "'");
        yield NodeConfig.LogLevel.INFO;
      }
    };
  }
}
