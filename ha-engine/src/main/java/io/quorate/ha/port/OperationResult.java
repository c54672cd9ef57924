package io.quorate.ha.port;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import java.util.Optional;

/** How an operation ended. */
public sealed interface OperationResult {

  /** Done, nothing to tell. */
  record Succeeded() implements OperationResult {}

  /**
   * {@link PostgresOperation.Reload}.
   *
   * @param what changed and what waits for which restart, for people
   */
  record Reloaded(String what) implements OperationResult {}

  /**
   * {@link PostgresOperation.InitDb} and {@link PostgresOperation.Adopt}: this system identifier.
   */
  record Initialized(long systemIdentifier) implements OperationResult {}

  /** {@link PostgresOperation.Freeze}: receives nothing any more, and this is all it has. */
  record Frozen(EndOfWal end) implements OperationResult {}

  /** {@link PostgresOperation.CatchUp}: replayed up to here, and there is no more. */
  record CaughtUp(EndOfWal end) implements OperationResult {}

  /** {@link PostgresOperation.Promote}: writable on {@code timeline}, forked at {@code fork}. */
  record Promoted(TimelineId timeline, TimelineId parent, Lsn fork) implements OperationResult {}

  /** {@link PostgresOperation.Rewind}: the directory lies on the source's history again. */
  record Rewound() implements OperationResult {}

  /**
   * {@link PostgresControl#keepDiverged}: what coming back will cost.
   *
   * @param from first position that will be lost
   * @param to end of what will be lost
   * @param commits number of commit records between, or {@link #UNKNOWN} where that WAL is not all
   *     there any more
   * @param keptAt where a copy of that WAL is
   */
  record Kept(Lsn from, Lsn to, long commits, Optional<String> keptAt) implements OperationResult {
    /** It cannot be told how many commits there were. */
    public static final long UNKNOWN = -1;
  }

  /**
   * Not done.
   *
   * @param reason for people, with the remedy where there is one
   * @param needsRebuild the directory cannot be brought back by anything but a new copy
   */
  record Failed(String reason, boolean needsRebuild) implements OperationResult {}
}
