package io.quorate.ha.postgres;

import io.quorate.ha.model.Lsn;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import java.util.Optional;

/** Waits until a standby has replayed what its primary wrote last. */
final class CatchUpOperation {

  private final ServerControl server;

  CatchUpOperation(ServerControl server) {
    this.server = server;
  }

  OperationResult run(PostgresOperation.CatchUp operation) {
    Lsn wanted = operation.end().lsn();
    Sql sql = server.sql();
    boolean there =
        server
            .patience()
            .until(
                operation.bound(),
                () -> replayed(sql).filter(lsn -> lsn.compareTo(wanted) >= 0).isPresent());
    Optional<Lsn> replayed = replayed(sql);
    if (there && replayed.equals(Optional.of(wanted))) {
      return new OperationResult.CaughtUp(operation.end());
    }
    throw new PostgresFailure(
        "it has replayed WAL up to "
            + replayed.map(Lsn::toString).orElse("nothing")
            + ", the primary wrote up to "
            + wanted
            + " (replay: "
            + sql.one("SELECT pg_get_wal_replay_pause_state()", row -> row.text(1))
            + ")");
  }

  private static Optional<Lsn> replayed(Sql sql) {
    return sql.one(
        "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()::text",
        row -> {
          if (!row.flag(1)) {
            throw new PostgresFailure("PostgreSQL is no standby any more");
          }
          return row.lsn(2);
        });
  }
}
