package io.quorate.ha.postgres;

import io.quorate.ha.model.Lsn;
import java.util.Optional;

/**
 * Whether a primary still brings WAL to its disk: one that cannot answers questions, and every
 * commit waits. Where WAL waited to be flushed at the last look and not a byte of it was since, a
 * commit of its own tells. Blocks, bounded by the connection's bounds; one caller at a time.
 */
final class WalFlushCheck {

  private Optional<Lsn> waiting = Optional.empty();

  /**
   * Looks at the positions of one moment; both are empty of a standby.
   *
   * @throws PostgresFailure if nothing is flushed
   */
  void check(Sql sql, Optional<Lsn> flushed, Optional<Lsn> inserted) {
    Optional<Lsn> before = waiting;
    waiting = flushed.filter(flush -> inserted.filter(insert -> !insert.equals(flush)).isPresent());
    // WAL that nobody waits for may lie there for long: that alone proves nothing.
    if (waiting.isPresent() && waiting.equals(before)) {
      try {
        sql.execute("SELECT pg_logical_emit_message(true, 'quorate', 'flush')");
      } catch (PostgresFailure e) {
        throw new PostgresFailure(
            "no WAL is flushed beyond "
                + waiting.get()
                + ": is the disk of pg_wal stuck? "
                + e.getMessage());
      }
    }
  }
}
