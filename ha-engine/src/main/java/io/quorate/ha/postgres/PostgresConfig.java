package io.quorate.ha.postgres;

import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code postgresql} section of a member's file, and what of {@code bootstrap} concerns the
 * instance.
 *
 * @param scope becomes {@code cluster_name}
 * @param binDir directory of PostgreSQL's programs
 * @param stateDir the agent's own directory outside PGDATA: floor file, sockets, logs, kept WAL
 * @param listenAddresses value of {@code listen_addresses}
 * @param connectHost host under which other members reach this instance
 * @param parameters local PostgreSQL parameters
 * @param pgHba lines of pg_hba.conf; empty: what initdb made, plus what the members need
 * @param initdbOptions without leading dashes, {@code name} or {@code name=value}
 * @param basebackupOptions the same for pg_basebackup
 * @param usePgRewind whether a diverged directory may be rewound
 * @param removeOnRewindFailure rebuild when pg_rewind fails
 * @param removeOnDivergedTimelines rebuild when diverged and rewind is off
 * @param keptWalBytes bound on the diverged WAL kept aside
 */
public record PostgresConfig(
    String scope,
    MemberName name,
    Path dataDir,
    Path binDir,
    Path stateDir,
    String listenAddresses,
    int port,
    String connectHost,
    int connectPort,
    Credentials superuser,
    Credentials replication,
    Optional<Credentials> rewind,
    boolean useUnixSocket,
    Map<String, String> parameters,
    List<String> pgHba,
    List<String> pgIdent,
    List<String> initdbOptions,
    List<String> basebackupOptions,
    boolean usePgRewind,
    boolean removeOnRewindFailure,
    boolean removeOnDivergedTimelines,
    long keptWalBytes) {

  /** A role and how it authenticates; {@code sslOptions} are libpq's (sslmode, sslcert, …). */
  public record Credentials(
      String username, Optional<Secret> password, Map<String, String> sslOptions) {
    /** Copies the map. */
    public Credentials {
      sslOptions = Map.copyOf(sslOptions);
    }
  }

  /** This, with those settings of {@code next} that a running instance can be given. */
  public PostgresConfig withLocalSettings(PostgresConfig next) {
    return new PostgresConfig(
        scope,
        name,
        dataDir,
        binDir,
        stateDir,
        listenAddresses,
        port,
        connectHost,
        connectPort,
        superuser,
        replication,
        rewind,
        useUnixSocket,
        next.parameters(),
        next.pgHba(),
        next.pgIdent(),
        next.initdbOptions(),
        next.basebackupOptions(),
        next.usePgRewind(),
        next.removeOnRewindFailure(),
        next.removeOnDivergedTimelines(),
        next.keptWalBytes());
  }

  /** Copies the collections. */
  public PostgresConfig {
    parameters = Map.copyOf(parameters);
    pgHba = List.copyOf(pgHba);
    pgIdent = List.copyOf(pgIdent);
    initdbOptions = List.copyOf(initdbOptions);
    basebackupOptions = List.copyOf(basebackupOptions);
  }
}
