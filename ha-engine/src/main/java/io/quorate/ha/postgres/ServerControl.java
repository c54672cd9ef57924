package io.quorate.ha.postgres;

import io.quorate.ha.model.Upstream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts, reconfigures and stops the server: the steps that the operations are made of. */
final class ServerControl {

  private static final Logger LOG = LoggerFactory.getLogger(ServerControl.class);

  /** How long a standby may take until it can be asked: replay up to consistency. */
  private static final Duration STANDBY_START = Duration.ofSeconds(60);

  private final Instance instance;
  private final ProcessLauncher launcher;
  private final Postmaster postmaster;
  private final ConfigFiles configFiles;
  private final SettingsFiles settingsFiles;
  private final TimelineFiles timelines;
  private final LocalSql sql;
  private final Patience patience;
  private volatile @Nullable Map<String, String> lastCluster;

  ServerControl(
      Instance instance,
      ProcessLauncher launcher,
      Postmaster postmaster,
      ConfigFiles configFiles,
      LocalSql sql,
      Patience patience) {
    this.instance = instance;
    this.launcher = launcher;
    this.postmaster = postmaster;
    this.configFiles = configFiles;
    this.settingsFiles = new SettingsFiles(instance, launcher);
    this.timelines = new TimelineFiles(instance.walDir());
    this.sql = sql;
    this.patience = patience;
  }

  Instance instance() {
    return instance;
  }

  Postmaster postmaster() {
    return postmaster;
  }

  TimelineFiles timelines() {
    return timelines;
  }

  ConfigFiles configFiles() {
    return configFiles;
  }

  SettingsFiles settingsFiles() {
    return settingsFiles;
  }

  Patience patience() {
    return patience;
  }

  ProcessLauncher launcher() {
    return launcher;
  }

  ControlData controlData() {
    return ControlData.read(launcher, instance);
  }

  /** SQL on the running server. */
  Sql sql() {
    return sql.of(
        postmaster
            .running()
            .orElseThrow(() ->
                new PostgresFailure(
                    "PostgreSQL does not run; its log says: " + postmaster.logTail(4))));
  }

  /** Starts as a standby with {@code setting} as its upstream and waits until it can be asked. */
  void startStandby(Postmaster.Permit permit, Map<String, String> cluster, UpstreamSetting setting)
      throws IOException {
    lastCluster = cluster;
    ControlData control = controlData();
    SortedMap<String, String> controlled =
        ParameterRules.controlledForStandby(instance.config(), cluster, control::setting);
    postmaster.start(
        permit,
        controlled,
        () -> {
          instance.writeStandbySignal();
          writeFiles(cluster, controlled, setting);
        });
    PidFile _ = postmaster.awaitReady(STANDBY_START);
  }

  /** Starts as a primary and waits until it takes writes. */
  void startPrimary(Postmaster.Permit permit, Map<String, String> cluster, Duration bound)
      throws IOException {
    lastCluster = cluster;
    SortedMap<String, String> controlled = ParameterRules.controlled(instance.config(), cluster);
    postmaster.start(
        permit,
        controlled,
        () -> {
          writeFiles(cluster, controlled, UpstreamSetting.none());
          postmaster.requireHold();
          // Last of all: cut off before this, whatever starts PostgreSQL starts a standby.
          instance.removeSignals();
        });
    PidFile _ = postmaster.awaitReady(bound);
    if (inRecovery()) {
      throw new PostgresFailure("PostgreSQL was started as a primary and is in recovery");
    }
  }

  private void writeFiles(
      Map<String, String> cluster, SortedMap<String, String> controlled, UpstreamSetting setting)
      throws IOException {
    timelines.tidy();
    configFiles.purgeAuto();
    configFiles.writeUpstream(setting);
    writeStartable(cluster, controlled);
  }

  /** Better a server with the former settings, or with its own alone, than none. */
  private void writeStartable(Map<String, String> cluster, SortedMap<String, String> controlled)
      throws IOException {
    SortedMap<String, String> before = settingsFiles.contents();
    configFiles.writeSettings(ParameterRules.all(instance.config(), cluster, controlled));
    Optional<String> objection =
        settingsFiles.contents().equals(before) ? Optional.empty() : settingsFiles.objection();
    if (objection.isEmpty()) {
      return;
    }
    if (settingsFiles.started()) {
      LOG.error("settings outcome=failure \"starting with the former: {}\"", objection.get());
      settingsFiles.restore(before);
    } else {
      LOG.error("settings outcome=failure \"starting without the cluster's: {}\"", objection.get());
      configFiles.writeSettings(ParameterRules.all(instance.config(), Map.of(), controlled));
    }
  }

  /**
   * Points a running standby elsewhere: files first, durable and the only source, then a reload
   * that the server has taken.
   */
  void repoint(Postmaster.Permit permit, Map<String, String> cluster, UpstreamSetting setting)
      throws IOException {
    repoint(permit, cluster, setting, controlData());
  }

  /** The same with the control file just read. */
  void repoint(
      Postmaster.Permit permit,
      Map<String, String> cluster,
      UpstreamSetting setting,
      ControlData control)
      throws IOException {
    lastCluster = cluster;
    SortedMap<String, String> controlled =
        ParameterRules.controlledForStandby(instance.config(), cluster, control::setting);
    postmaster.guarded(
        permit,
        () -> {
          instance.writeStandbySignal();
          configFiles.writeUpstream(setting);
          configFiles.writeSettings(ParameterRules.all(instance.config(), cluster, controlled));
        });
    Sql open = sql();
    configFiles.verifyOnlySource(open, setting);
    postmaster.reload();
    awaitSetting(open, setting);
  }

  private void awaitSetting(Sql open, UpstreamSetting setting) {
    boolean taken =
        patience.until(
            Duration.ofSeconds(5),
            () ->
                open.one("SELECT current_setting('primary_conninfo')", row -> row.text(1))
                    .equals(setting.conninfo()));
    if (!taken) {
      throw new PostgresFailure(
          "PostgreSQL does not take primary_conninfo from "
              + ConfigFiles.UPSTREAM
              + "; its log says: "
              + postmaster.logTail(3));
    }
  }

  boolean inRecovery() {
    return sql().one("SELECT pg_is_in_recovery()", row -> row.flag(1));
  }

  Upstream upstream() {
    return configFiles.upstream();
  }

  /** A running server was given the cluster's settings. */
  void gave(Map<String, String> cluster) {
    lastCluster = cluster;
  }

  /** The cluster's settings as they were last given; none by this run of the agent: empty. */
  Map<String, String> lastCluster() {
    return given().orElse(Map.of());
  }

  /** The same; empty where this run of the agent has given none. */
  Optional<Map<String, String>> given() {
    return Optional.ofNullable(lastCluster);
  }

  /** Whether a server process runs. */
  boolean running() {
    return postmaster.running().isPresent();
  }

  /** Waits until a server that runs can be asked. */
  void awaitAnswer() {
    Optional<PidFile> file = postmaster.running();
    if (file.isPresent() && !file.get().ready()) {
      boolean ready =
          patience.until(
              STANDBY_START, () -> postmaster.running().map(PidFile::ready).orElse(true));
      if (!ready) {
        throw new PostgresFailure(
            "PostgreSQL runs but accepts no connection: it has not reached a consistent state;"
                + " its log says: "
                + postmaster.logTail(3));
      }
    }
  }

  /** Fast shutdown within {@code bound}, else ends everything; leaves a standby behind. */
  void stop(boolean checkpointFirst, Duration bound, String reason) throws IOException {
    if (!postmaster.hasDirectory() || postmaster.confirmedStopped()) {
      leaveStandby();
      return;
    }
    if (checkpointFirst) {
      checkpoint(bound);
    }
    leaveStandby();
    if (!postmaster.shutDown(bound)) {
      postmaster.endAll(reason + ": the fast shutdown did not end within " + bound);
    }
    sql.close();
  }

  /** Makes the shutdown's own checkpoint short. Not needed for anything else. */
  void checkpoint(Duration bound) {
    Optional<PidFile> file = postmaster.running().filter(PidFile::ready);
    if (file.isEmpty()) {
      return;
    }
    Sql.Endpoint endpoint = LocalSql.endpoint(instance.config(), file.get());
    int millis = (int) Math.min(Integer.MAX_VALUE, Math.max(1000, bound.toMillis()));
    try (Sql own = new Sql(endpoint.withStatementMillis(millis))) {
      own.execute("CHECKPOINT");
    } catch (PostgresFailure e) {
      LOG.info("no checkpoint was made: {}", e.getMessage());
    }
  }

  /** Makes a checkpoint that nobody waits for. */
  void checkpointInBackground() {
    Thread.ofPlatform()
        .daemon(true)
        .name("quorate-checkpoint")
        .start(() -> checkpoint(Duration.ofMinutes(10)));
  }

  /** Immediate end of everything; leaves a standby behind. */
  void fence(String reason) throws IOException {
    postmaster.endAll(reason);
    sql.close();
    leaveStandby();
  }

  private void leaveStandby() throws IOException {
    if (postmaster.hasDirectory() && !instance.dataDirEmpty()) {
      instance.writeStandbySignal();
    }
  }
}
