package io.quorate.ha.postgres;

import io.quorate.ha.model.DataId;
import io.quorate.ha.model.StandbyName;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;

/** Receives from another member. */
final class FollowOperation {

  private static final Duration TAKEN_BOUND = Duration.ofSeconds(1);

  private final ServerControl server;
  private final PassFile passFile;
  private final Slots slots;

  FollowOperation(ServerControl server, PassFile passFile, Slots slots) {
    this.server = server;
    this.passFile = passFile;
    this.slots = slots;
  }

  OperationResult run(Postmaster.Permit permit, PostgresOperation.Follow wanted)
      throws IOException {
    PostgresOperation.Source source = wanted.source();
    Map<String, String> cluster = wanted.parameters();
    PostgresConfig config = server.instance().config();
    DataId dataId =
        server
            .instance()
            .dataId()
            .orElseThrow(
                () -> new PostgresFailure("the data directory carries no identity: not attached"));
    passFile.writeFor(source.host(), source.port());
    String name = StandbyName.of(config.name(), source.epoch(), dataId);
    UpstreamSetting setting =
        UpstreamSetting.following(
            source.member(),
            source.epoch(),
            sourceConninfo(config, source, passFile).with("application_name", name),
            wanted.slot() ? config.name().slotName() : "");
    if (server.running()) {
      server.awaitAnswer();
      if (!server.inRecovery()) {
        throw new PostgresFailure("PostgreSQL runs as a primary: it must be ended first");
      }
      server.timelines().tidy();
      server.repoint(permit, cluster, setting);
    } else {
      server.startStandby(permit, cluster, setting);
    }
    // Slots that it made as a primary would hold back WAL here for ever.
    slots.ensure(server.sql(), new TreeSet<>());
    boolean _ = server.patience().until(TAKEN_BOUND, () -> receivesAs(name));
    return new OperationResult.Succeeded();
  }

  private boolean receivesAs(String name) {
    return server
        .sql()
        .query("SELECT conninfo FROM pg_stat_wal_receiver", row -> row.text(1))
        .stream()
        .anyMatch(conninfo -> conninfo.contains("application_name=" + name));
  }

  /** Replication to {@code source} as the configured role. */
  static Conninfo sourceConninfo(
      PostgresConfig config, PostgresOperation.Source source, PassFile passFile) {
    return new Conninfo()
        .with("user", config.replication().username())
        .with("passfile", passFile.path().toString())
        .with("host", source.host())
        .with("port", Integer.toString(source.port()))
        .with("dbname", "postgres")
        .withAll(config.replication().sslOptions());
  }
}
