package io.quorate.ha.postgres;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a frozen standby, or one that has caught up with a stopped primary, a primary on exactly
 * the timeline id that its epoch reserved. PostgreSQL takes the next free id; placeholders keep the
 * ids before from being free.
 */
final class PromoteOperation {

  private static final Logger LOG = LoggerFactory.getLogger(PromoteOperation.class);
  private static final Duration BOUND = Duration.ofSeconds(60);

  private final ServerControl server;
  private final FreezeOperation freeze;

  PromoteOperation(ServerControl server, FreezeOperation freeze) {
    this.server = server;
    this.freeze = freeze;
  }

  OperationResult run(Postmaster.Permit permit, PostgresOperation.Promote operation)
      throws IOException {
    server.awaitAnswer();
    if (!server.inRecovery()) {
      return alreadyPromoted(operation);
    }
    Epoch round =
        switch (server.upstream()) {
          case Upstream.Frozen(Epoch frozen) -> frozen;
          case Upstream.Following(var _, Epoch ended) when operation.handedOver() -> ended;
          case Upstream.Following _, Upstream.Unknown _ ->
              throw new PostgresFailure("the standby was not frozen: it is not promoted");
        };
    if (leavesOthersTimeline(operation.from().timeline())) {
      restartWithoutOthersTimelines(permit, operation.from().timeline(), round);
    }
    Lsn replayed =
        server.sql().one("SELECT pg_last_wal_replay_lsn()::text", row -> row.lsn(1)).orElseThrow();
    if (!replayed.equals(operation.from().lsn())) {
      throw new PostgresFailure(
          "the standby is at "
              + replayed
              + ", not at "
              + operation.from()
              + ": it is not promoted");
    }
    reserveAndAsk(permit, operation);
    try {
      return awaitWritable(operation);
    } catch (PostgresFailure | IOException e) {
      end(e);
      throw e;
    }
  }

  /** Asked for and not seen to happen is no standby: it may become writable at any moment. */
  private void end(Exception failure) throws IOException {
    server.fence("its promotion failed: " + failure.getMessage());
  }

  private OperationResult awaitWritable(PostgresOperation.Promote operation) throws IOException {
    boolean writable =
        server.patience().until(BOUND, () -> !server.running() || !server.inRecovery());
    if (!writable || !server.running()) {
      throw new PostgresFailure(
          "PostgreSQL did not become writable within "
              + BOUND
              + "; its log says: "
              + server.postmaster().logTail(4));
    }
    return verify(operation);
  }

  private void reserveAndAsk(Postmaster.Permit permit, PostgresOperation.Promote operation)
      throws IOException {
    Sql sql = server.sql();
    server
        .postmaster()
        .guarded(
            permit,
            () -> {
              server.timelines().reserveUpTo(operation.from().timeline(), operation.timeline());
              server.postmaster().requireValid(permit);
              server.postmaster().requireHold();
              try {
                sql.execute("SELECT pg_promote(false)");
              } catch (PostgresFailure e) {
                end(e);
                throw e;
              }
            });
  }

  /** The agent was cut off after an earlier run: what counts is what PostgreSQL took. */
  private OperationResult alreadyPromoted(PostgresOperation.Promote operation) throws IOException {
    return verify(operation);
  }

  private OperationResult verify(PostgresOperation.Promote operation) throws IOException {
    TimelineId taken =
        server
            .sql()
            .one(
                "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1,"
                    + " 8))::bit(32)::int",
                row -> new TimelineId((int) row.number(1)));
    TimelineHistory history = server.timelines().of(taken);
    EndOfWal forked =
        history
            .parent()
            .map(parent -> new EndOfWal(parent.timeline(), parent.end()))
            .orElse(new EndOfWal(taken, Lsn.INVALID));
    if (!taken.equals(operation.timeline()) || !forked.equals(operation.from())) {
      String what =
          "PostgreSQL took timeline "
              + taken
              + " from "
              + forked
              + " instead of "
              + operation.timeline()
              + " from "
              + operation.from();
      LOG.error("{}: it is ended and does not serve", what);
      server.fence(what);
      throw new PostgresFailure(what + ": it was ended");
    }
    return new OperationResult.Promoted(taken, forked.timeline(), forked.lsn());
  }

  /** Whether there is a history of a timeline that others began and this directory is not on. */
  private boolean leavesOthersTimeline(TimelineId own) throws IOException {
    return server.timelines().newest().compareTo(own) > 0;
  }

  /**
   * PostgreSQL would fork from the newest timeline that it knows of, though it has no WAL of it:
   * such histories are put aside, and the standby is restarted to forget them.
   */
  private void restartWithoutOthersTimelines(Postmaster.Permit permit, TimelineId own, Epoch round)
      throws IOException {
    LOG.info("restarting the standby to forget timelines above {} that it is not on", own);
    server.stop(false, Duration.ofSeconds(10), "restart before a promotion");
    boolean _ =
        server
            .timelines()
            .putAsideAbove(own, server.instance().stateDir().resolve("histories-aside"));
    OperationResult again = freeze.run(permit, round, server.lastCluster());
    LOG.info("restarted: {}", again);
  }
}
