package io.quorate.ha.postgres;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Gives a running server other local settings: files, check, reload. What PostgreSQL would refuse
 * is taken back before it can keep the server from its next start. Blocks.
 */
final class SettingsReload {

  private static final Duration BOUND = Duration.ofSeconds(5);

  private final ServerControl server;

  SettingsReload(ServerControl server) {
    this.server = server;
  }

  /**
   * Replaces the local settings. A server that does not run reads them at its next start.
   *
   * @param next the member's settings from now on
   * @param cluster the whole cluster's parameters
   * @return names of the parameters that wait for a restart of PostgreSQL
   * @throws PostgresFailure with what PostgreSQL says against them; the old ones are in force then
   */
  List<String> run(PostgresConfig next, Map<String, String> cluster) throws IOException {
    PostgresConfig before = server.instance().config();
    if (!server.running()) {
      server.instance().replace(next);
      return List.of();
    }
    SortedMap<String, String> controlled =
        server.inRecovery()
            ? ParameterRules.controlledForStandby(next, cluster, server.controlData()::setting)
            : ParameterRules.controlled(next, cluster);
    SortedMap<String, String> old = server.settingsFiles().contents();
    server.instance().replace(next);
    try {
      server.configFiles().writeSettings(ParameterRules.all(next, cluster, controlled));
      check();
    } catch (IOException | PostgresFailure e) {
      server.instance().replace(before);
      server.settingsFiles().restore(old);
      throw e;
    }
    List<String> pending = reload();
    server.gave(cluster);
    return pending;
  }

  private void check() {
    Optional<String> objection = server.settingsFiles().objection();
    if (objection.isPresent()) {
      throw new PostgresFailure("postgresql.parameters: " + objection.get());
    }
    List<String> rules =
        server
            .sql()
            .query(
                "SELECT 'postgresql.pg_hba: line ' || line_number || ': ' || error"
                    + " FROM pg_hba_file_rules WHERE error IS NOT NULL ORDER BY line_number",
                row -> row.text(1));
    if (!rules.isEmpty()) {
      throw new PostgresFailure(String.join("; ", rules));
    }
  }

  private List<String> reload() {
    Sql sql = server.sql();
    String loaded = loadTime(sql);
    server.postmaster().reload();
    boolean taken = server.patience().until(BOUND, () -> !loadTime(sql).equals(loaded));
    if (!taken) {
      throw new PostgresFailure(
          "PostgreSQL was asked to reload its settings and has not within "
              + BOUND.toSeconds()
              + " s");
    }
    return sql.query(PendingSettings.SQL, row -> row.text(1));
  }

  private static String loadTime(Sql sql) {
    return sql.one("SELECT pg_conf_load_time()::text", row -> row.text(1));
  }
}
