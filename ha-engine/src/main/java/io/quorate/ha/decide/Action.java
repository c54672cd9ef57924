package io.quorate.ha.decide;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.PostgresOperation;
import java.util.List;
import java.util.Optional;

/** What is to be done. Only the runner does; the loop reports the end as an observation. */
public sealed interface Action {

  /** Name of {@link Fence}. */
  String FENCE = "fence";

  /** Stable name, for the journal; two actions of one name never run at once. */
  String name();

  /** Whether it excludes every other exclusive action. */
  boolean exclusive();

  /** Runs a verb on the local instance. */
  record Run(PostgresOperation operation) implements Action {
    @Override
    public String name() {
      return switch (operation) {
        case PostgresOperation.InitDb _ -> "initdb";
        case PostgresOperation.Adopt _ -> "adopt";
        case PostgresOperation.Clone _ -> "clone";
        case PostgresOperation.StartPrimary _ -> "start primary";
        case PostgresOperation.Freeze _ -> "stop receiving";
        case PostgresOperation.Follow _ -> "follow";
        case PostgresOperation.Promote _ -> "promote";
        case PostgresOperation.Rewind _ -> "rewind";
        case PostgresOperation.RemoveData _ -> "remove data";
        case PostgresOperation.Stop _ -> "stop";
        case PostgresOperation.CatchUp _ -> "catch up";
        case PostgresOperation.HandOver _ -> "hand over";
        case PostgresOperation.Reload _ -> "reload";
        case PostgresOperation.Checkpoint _ -> "checkpoint";
        case PostgresOperation.EnsureSlots _ -> "slots";
      };
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /** Reads the end of WAL of the stopped instance. */
  record ReadEndOfWal() implements Action {
    @Override
    public String name() {
      return "read end of WAL";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /** Keeps the WAL that coming back will cost this member, and counts it. */
  record KeepDiverged(Lsn from, EndOfWal to) implements Action {
    @Override
    public String name() {
      return "keep diverged WAL";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /** Writes the durable state. */
  record SaveState(NodeState state) implements Action {
    @Override
    public String name() {
      return "save state";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /** Ends PostgreSQL at once. */
  record Fence(String why) implements Action {
    @Override
    public String name() {
      return FENCE;
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Reads the cluster linearizably. */
  record ConfirmView() implements Action {
    @Override
    public String name() {
      return "confirm view";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Asks an agent directly whether it is there. */
  record AskPeer(MemberName member) implements Action {
    @Override
    public String name() {
      return "ask " + member;
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Races for the making of the cluster. */
  record ClaimInitialize() implements Action {
    @Override
    public String name() {
      return "claim initialize";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Takes the key for the first time, with the cluster's identity and settings. */
  record AcquireFirst(DataId dataId, long systemIdentifier, TimelineId timeline) implements Action {
    @Override
    public String name() {
      return "acquire";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /**
   * Takes the key after a round.
   *
   * @param wish the operator's wish that this fulfils: it must stand as it was read
   */
  record Acquire(Acquisition acquisition, Optional<Intent> wish) implements Action {
    /** Nobody has asked for it. */
    public Acquire(Acquisition acquisition) {
      this(acquisition, Optional.empty());
    }

    @Override
    public String name() {
      return "acquire";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /**
   * Takes over from a primary that is stopped and says so in {@code intent}: ends its epoch and
   * takes the key, each conditioned on the wish standing as it was read.
   */
  record TakeOver(Intent intent, Acquisition acquisition) implements Action {
    @Override
    public String name() {
      return "acquire";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /**
   * Does beforehand what {@link TakeOver} and the promotion need: a lease, and a guardian that can
   * be armed at once. Nothing depends on its success.
   *
   * @param wish id of the wish
   */
  record PrepareTakeOver(String wish) implements Action {
    @Override
    public String name() {
      return "prepare";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Writes the next state of a wish, unless it was changed meanwhile. */
  record Advance(Intent next) implements Action {
    @Override
    public String name() {
      return "wish";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /** Renews the hold of an earlier run, or of an acquisition whose answer was lost. */
  record ResumeHold(NodeState.HoldNote note) implements Action {
    @Override
    public String name() {
      return "resume hold";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Gives the key back; PostgreSQL is confirmed stopped and is a standby when started again. */
  record Release(Epoch epoch, boolean leaving, String why) implements Action {
    @Override
    public String name() {
      return "release";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /**
   * Renews the key no more: its lease runs out, and others may take it then. For a PostgreSQL that
   * cannot be ended; nothing is written under the hold from now on.
   */
  record LetLapse(Epoch epoch, String why) implements Action {
    @Override
    public String name() {
      return "let lapse";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Publishes the pledge. */
  record PublishPledge(Pledge pledge) implements Action {
    @Override
    public String name() {
      return "pledge";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Deletes this member's pledge, before its directory is touched. */
  record WithdrawPledge() implements Action {
    @Override
    public String name() {
      return "withdraw pledge";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /** Publishes which directory this member owns, and deletes its pledge. */
  record PublishDataId(DataId dataId) implements Action {
    @Override
    public String name() {
      return "publish data id";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /**
   * Publishes the branch that this member writes, with the history entry and the report.
   *
   * @param earlier branches of this member's own that it goes on from and nobody was told of
   */
  record PublishBranch(Branch branch, List<Branch> earlier) implements Action {
    /** Copies the list. */
    public PublishBranch {
      earlier = List.copyOf(earlier);
    }

    @Override
    public String name() {
      return "publish branch";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Completes the report of a failover with what it lost. */
  record PublishLoss(Epoch epoch, FailoverReport.Loss loss) implements Action {
    @Override
    public String name() {
      return "publish loss";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** Starts the guardian, fed with the present deadline. */
  record ArmGuardian() implements Action {
    @Override
    public String name() {
      return "arm guardian";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /** Sends the guardian home. */
  record DisarmGuardian() implements Action {
    @Override
    public String name() {
      return "disarm guardian";
    }

    @Override
    public boolean exclusive() {
      return true;
    }
  }

  /** Moves the store's leadership off this host. */
  record MoveStoreLeadership(String to) implements Action {
    @Override
    public String name() {
      return "move store leadership";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }

  /** The agent may end. */
  record Exit() implements Action {
    @Override
    public String name() {
      return "exit";
    }

    @Override
    public boolean exclusive() {
      return false;
    }
  }
}
