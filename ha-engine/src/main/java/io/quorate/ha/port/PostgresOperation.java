package io.quorate.ha.port;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.TimelineId;
import java.time.Duration;
import java.util.Map;
import java.util.SortedSet;

/**
 * A verb on the local instance. At most one runs at a time. Each is safe to cut off at any point
 * (kill -9 of the agent) and to run again.
 */
public sealed interface PostgresOperation {

  /** Address and identity of a server to receive from; always a member's own address. */
  record Source(MemberName member, String host, int port, Epoch epoch) {}

  /**
   * Makes a new cluster in an empty directory, with the configured roles, and stamps it with {@code
   * dataId}. Leaves it stopped.
   */
  record InitDb(DataId dataId) implements PostgresOperation {}

  /** Stamps an existing, stopped directory (taken over from elsewhere) with {@code dataId}. */
  record Adopt(DataId dataId) implements PostgresOperation {}

  /** Copies {@code source} into an empty directory with pg_basebackup. Leaves it stopped. */
  record Clone(Source source, DataId dataId) implements PostgresOperation {}

  /**
   * Starts as a primary: no {@code standby.signal}, no placeholder history files. Done when it
   * accepts writes, failed when it has not within {@code bound}. {@code parameters}: PostgreSQL
   * settings of the whole cluster.
   */
  record StartPrimary(Map<String, String> parameters, Duration bound) implements PostgresOperation {
    /** Copies the map. */
    public StartPrimary {
      parameters = Map.copyOf(parameters);
    }

    /** Within the default bound. */
    public StartPrimary(Map<String, String> parameters) {
      this(parameters, HaTimings.PRIMARY_START_TIMEOUT);
    }
  }

  /**
   * Stop receiving: starts as a standby where it is stopped, points {@code primary_conninfo} at the
   * agent's own socket, durable and the only source, and waits until the startup process has shown
   * up there with this round's name, having replayed all local WAL. Answers with {@link
   * OperationResult.Frozen}.
   */
  record Freeze(Epoch round, Map<String, String> parameters) implements PostgresOperation {
    /** Copies the map. */
    public Freeze {
      parameters = Map.copyOf(parameters);
    }
  }

  /**
   * Receive from {@code source}, as {@code <member>_<epoch>_<data id>}: by reload where it runs as
   * a standby, else by starting as one. The caller has proved the end of WAL to lie on the source's
   * branch. Done when the setting is taken; streaming is seen in the status.
   *
   * @param slot receive through the slot that the source keeps for this member
   */
  record Follow(Source source, boolean slot, Map<String, String> parameters)
      implements PostgresOperation {
    /** Copies the map. */
    public Follow {
      parameters = Map.copyOf(parameters);
    }
  }

  /**
   * Waits until a running standby has replayed all that its primary, stopped in good order at
   * {@code end}, has written: {@link OperationResult.CaughtUp}. Fails where less has come within
   * {@code bound}, or more. It goes on receiving: there is nothing that could come.
   *
   * @param epoch of that primary
   */
  record CatchUp(Epoch epoch, EndOfWal end, Duration bound) implements PostgresOperation {}

  /**
   * Promotes a standby to {@code timeline}; placeholder history files make PostgreSQL take that id.
   * Done when writable: {@link OperationResult.Promoted}; fails, with the instance stopped, if
   * another id was taken.
   *
   * @param handedOver the standby has caught up with a primary that is stopped; else it is frozen
   */
  record Promote(Epoch epoch, EndOfWal from, TimelineId timeline, boolean handedOver)
      implements PostgresOperation {
    /** Of a frozen standby. */
    public Promote(Epoch epoch, EndOfWal from, TimelineId timeline) {
      this(epoch, from, timeline, false);
    }
  }

  /**
   * Runs pg_rewind against {@code source}; what it throws away was kept and counted before. The
   * instance is stopped first where it runs. Leaves it stopped with standby.signal: {@link
   * OperationResult.Rewound}.
   *
   * @param branch the source's branch: the fork this member must go back to
   * @param localEnd this member's end of WAL
   */
  record Rewind(Source source, Branch branch, EndOfWal localEnd) implements PostgresOperation {}

  /** Moves the data directory aside (kept, listed); only where a setting or command allows it. */
  record RemoveData(String reason) implements PostgresOperation {}

  /**
   * Fast shutdown, escalated to immediate after {@code bound}; every process of the instance is
   * confirmed dead and {@code standby.signal} durable when done.
   */
  record Stop(boolean checkpointFirst, Duration bound) implements PostgresOperation {}

  /**
   * {@link Stop} of a primary in good order, for another to go on from: checkpoint, fast shutdown,
   * and the end of WAL as {@link OperationResult.Frozen}. Where {@code bound} was too short it was
   * ended at once: the control file tells.
   */
  record HandOver(Duration bound) implements PostgresOperation {}

  /**
   * Writes the configuration files anew and makes the running server read them.
   *
   * @param wish id of the operator's wish
   */
  record Reload(String wish, Map<String, String> parameters) implements PostgresOperation {
    /** Copies the map. */
    public Reload {
      parameters = Map.copyOf(parameters);
    }
  }

  /** Makes a checkpoint, so that the one of a shutdown soon after has little to write. */
  record Checkpoint(Duration bound) implements PostgresOperation {}

  /** Creates and drops physical slots so that exactly these, of Quorate's, exist. */
  record EnsureSlots(SortedSet<String> names) implements PostgresOperation {}
}
