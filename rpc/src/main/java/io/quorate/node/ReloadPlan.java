package io.quorate.node;

import io.quorate.ha.postgres.PostgresConfig;
import io.quorate.node.config.NodeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * What a file that was read again changes.
 *
 * @param next the running member's configuration once the plan is carried out: the file's, but for
 *     what needs a restart
 * @param applied paths of the settings that change at once
 * @param needRestart paths of those that keep their old value until the agent starts again
 * @param withoutEffect paths of those that are read only when a cluster is made
 */
record ReloadPlan(
    NodeConfig next, List<String> applied, List<String> needRestart, List<String> withoutEffect) {

  ReloadPlan {
    applied = List.copyOf(applied);
    needRestart = List.copyOf(needRestart);
    withoutEffect = List.copyOf(withoutEffect);
  }

  /** Whether PostgreSQL gets other settings. */
  boolean changesPostgres() {
    return applied.stream().anyMatch(path -> path.startsWith("postgresql."));
  }

  /** Compares what runs with what the file says now. */
  static ReloadPlan of(NodeConfig running, NodeConfig file) {
    Paths applied = new Paths();
    applied.compare("log.level", running.logLevel(), file.logLevel());
    applied.compare("tags", running.tags(), file.tags());
    both(running, file, (old, now) -> reloadable(applied, old, now));
    applied.compare("restapi.authentication", running.access().login(), file.access().login());
    applied.compare("restapi.allowlist", running.access().allowlist(), file.access().allowlist());
    Paths restart = new Paths();
    restart.compare("scope", running.scope(), file.scope());
    restart.compare("namespace", running.namespace(), file.namespace());
    restart.compare("name", running.name(), file.name());
    restart.compare("state_dir", running.stateDir(), file.stateDir());
    listener(restart, "restapi", running.restApi(), file.restApi());
    listener(restart, "grpc", running.grpc(), file.grpc());
    restart.compare("etcd_api", running.etcdApi(), file.etcdApi());
    restart.compare("raft.listen", running.raft().listen(), file.raft().listen());
    restart.compare(
        "raft.member_listen", running.raft().memberListen(), file.raft().memberListen());
    restart.compare("raft.data_dir", running.raft().dataDir(), file.raft().dataDir());
    restart.compare("raft.members", running.raft().members(), file.raft().members());
    restart.compare("witness", running.postgres().isEmpty(), file.postgres().isEmpty());
    both(running, file, (old, now) -> restarting(restart, old, now));
    restart.compare("tls", running.tls(), file.tls());
    Paths without = new Paths();
    without.compare("bootstrap.dcs", running.settingsTree(), file.settingsTree());
    both(
        running,
        file,
        (old, now) ->
            without.compare("bootstrap.initdb", old.initdbOptions(), now.initdbOptions()));
    return new ReloadPlan(merged(running, file), applied.all, restart.all, without.all);
  }

  private static void listener(
      Paths paths, String section, NodeConfig.Listener before, NodeConfig.Listener after) {
    paths.compare(section + ".listen", before.listen(), after.listen());
    paths.compare(section + ".connect_address", before.connect(), after.connect());
  }

  /** Where one of them is a witness's, there is nothing to compare. */
  private static void both(
      NodeConfig running, NodeConfig file, BiConsumer<PostgresConfig, PostgresConfig> compare) {
    running.postgres().ifPresent(old -> file.postgres().ifPresent(now -> compare.accept(old, now)));
  }

  private static void reloadable(Paths applied, PostgresConfig old, PostgresConfig now) {
    applied.compare("postgresql.parameters", old.parameters(), now.parameters());
    applied.compare("postgresql.pg_hba", old.pgHba(), now.pgHba());
    applied.compare("postgresql.pg_ident", old.pgIdent(), now.pgIdent());
    applied.compare("postgresql.use_pg_rewind", old.usePgRewind(), now.usePgRewind());
    applied.compare(
        "postgresql.remove_data_directory_on_rewind_failure",
        old.removeOnRewindFailure(),
        now.removeOnRewindFailure());
    applied.compare(
        "postgresql.remove_data_directory_on_diverged_timelines",
        old.removeOnDivergedTimelines(),
        now.removeOnDivergedTimelines());
    applied.compare("postgresql.basebackup", old.basebackupOptions(), now.basebackupOptions());
    applied.compare("postgresql.kept_wal_limit", old.keptWalBytes(), now.keptWalBytes());
  }

  private static void restarting(Paths paths, PostgresConfig old, PostgresConfig now) {
    paths.compare(
        "postgresql.listen",
        old.listenAddresses() + ":" + old.port(),
        now.listenAddresses() + ":" + now.port());
    paths.compare(
        "postgresql.connect_address",
        old.connectHost() + ":" + old.connectPort(),
        now.connectHost() + ":" + now.connectPort());
    paths.compare("postgresql.data_dir", old.dataDir(), now.dataDir());
    paths.compare("postgresql.bin_dir", old.binDir(), now.binDir());
    paths.compare("postgresql.use_unix_socket", old.useUnixSocket(), now.useUnixSocket());
    paths.compare("postgresql.authentication.superuser", old.superuser(), now.superuser());
    paths.compare("postgresql.authentication.replication", old.replication(), now.replication());
    paths.compare("postgresql.authentication.rewind", old.rewind(), now.rewind());
  }

  /** What needs a restart stays, so that it is named again at the next reload. */
  private static NodeConfig merged(NodeConfig running, NodeConfig file) {
    return new NodeConfig(
        running.scope(),
        running.namespace(),
        running.name(),
        running.stateDir(),
        running.restApi(),
        running.grpc(),
        running.etcdApi(),
        running.raft(),
        running.postgres().map(old -> file.postgres().map(old::withLocalSettings).orElse(old)),
        running.settings(),
        file.settingsTree(),
        file.tags(),
        file.logLevel(),
        file.access(),
        running.tls());
  }

  private static final class Paths {
    private final List<String> all = new ArrayList<>();

    void compare(String path, Object before, Object after) {
      if (!Objects.equals(before, after)) {
        all.add(path);
      }
    }
  }
}
