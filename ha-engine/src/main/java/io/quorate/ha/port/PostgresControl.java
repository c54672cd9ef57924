package io.quorate.ha.port;

import io.quorate.ha.model.CopyProgress;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.time.BootTime;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Verbs and facts of the local PostgreSQL instance. Holds no policy. Calls never block; stages
 * complete on the port's own threads and never exceptionally.
 */
public interface PostgresControl {

  /** Runs one operation; the caller starts no second one before the stage completes. */
  CompletionStage<OperationResult> run(PostgresOperation operation);

  /** Looks at the instance anew. Bounded in time: a server that does not answer is a status. */
  CompletionStage<PostgresStatus> sample();

  /**
   * When the server last answered a look in full, also one that {@link #sample()} had given up
   * waiting for. Safe from any thread.
   */
  default Optional<BootTime> answered() {
    return Optional.empty();
  }

  /**
   * Where valid WAL ends in the directory of a <em>stopped</em> instance, read from pg_wal; {@code
   * Failed} where it cannot be told.
   */
  CompletionStage<OperationResult> endOfWal();

  /**
   * Copies aside the WAL from {@code from} to {@code to}, which no history leads to any more, and
   * counts its commits: {@link OperationResult.Kept}. Of a stopped instance or a frozen standby;
   * changes nothing there, and may be called again. {@code Failed} where it cannot be read.
   */
  CompletionStage<OperationResult> keepDiverged(Lsn from, EndOfWal to);

  /**
   * Ends every process of the instance at once (immediate shutdown, then SIGKILL to what is left)
   * and writes {@code standby.signal}. Completes when all are confirmed dead. May be called at any
   * time from any thread, also while an operation runs: that one fails. An operation asked for
   * while a fence is under way begins after it.
   */
  CompletionStage<OperationResult> fence(String reason);

  /**
   * Nothing becomes writable by this port from {@code deadline} on, unless another is given
   * meanwhile: also not by an operation that was asked for before. Without a call there is no
   * deadline. Safe from any thread.
   */
  default void mayBecomeWritableUntil(BootTime deadline) {}

  /** How far the copying of the data directory has come; empty while none is copied. */
  default Optional<CopyProgress> copyProgress() {
    return Optional.empty();
  }

  /** Why PostgreSQL has not taken the settings that it should have; empty where it has. */
  default Optional<String> settingsRefused() {
    return Optional.empty();
  }

  /** {@code listener} is called (from any thread) when the postmaster exits or is replaced. */
  void onProcessChange(Runnable listener);
}
