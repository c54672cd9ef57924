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
  default String name() {
    return switch (this) {
      case Run run -> name(run.operation());
      case ReadEndOfWal _ -> "read end of WAL";
      case KeepDiverged _ -> "keep diverged WAL";
      case SaveState _ -> "save state";
      case Fence _ -> FENCE;
      case ConfirmView _ -> "confirm view";
      case AskPeer ask -> "ask " + ask.member();
      case ClaimInitialize _ -> "claim initialize";
      case AcquireFirst _, Acquire _, TakeOver _ -> "acquire";
      case PrepareTakeOver _ -> "prepare";
      case Advance _ -> "wish";
      case ResumeHold _ -> "resume hold";
      case Release _ -> "release";
      case LetLapse _ -> "let lapse";
      case PublishPledge _ -> "pledge";
      case WithdrawPledge _ -> "withdraw pledge";
      case PublishDataId _ -> "publish data id";
      case PublishBranch _ -> "publish branch";
      case PublishLoss _ -> "publish loss";
      case ArmGuardian _ -> "arm guardian";
      case DisarmGuardian _ -> "disarm guardian";
      case MoveStoreLeadership _ -> "move store leadership";
      case Exit _ -> "exit";
    };
  }

  /** Whether it excludes every other exclusive action. */
  default boolean exclusive() {
    return switch (this) {
      case Run _, ReadEndOfWal _, KeepDiverged _, SaveState _ -> true;
      case AcquireFirst _, Acquire _, TakeOver _, Advance _, Release _, WithdrawPledge _ -> true;
      case ArmGuardian _, DisarmGuardian _ -> true;
      case Fence _, ConfirmView _, AskPeer _, ClaimInitialize _, PrepareTakeOver _ -> false;
      case ResumeHold _, LetLapse _, MoveStoreLeadership _, Exit _ -> false;
      case PublishPledge _, PublishDataId _, PublishBranch _, PublishLoss _ -> false;
    };
  }

  private static String name(PostgresOperation operation) {
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

  /** Runs a verb on the local instance. */
  record Run(PostgresOperation operation) implements Action {}

  /** Reads the end of WAL of the stopped instance. */
  record ReadEndOfWal() implements Action {}

  /** Keeps the WAL that coming back will cost this member, and counts it. */
  record KeepDiverged(Lsn from, EndOfWal to) implements Action {}

  /** Writes the durable state. */
  record SaveState(NodeState state) implements Action {}

  /** Ends PostgreSQL at once. */
  record Fence(String why) implements Action {}

  /** Reads the cluster linearizably. */
  record ConfirmView() implements Action {}

  /** Asks an agent directly whether it is there. */
  record AskPeer(MemberName member) implements Action {}

  /** Races for the making of the cluster. */
  record ClaimInitialize() implements Action {}

  /** Takes the key for the first time, with the cluster's identity and settings. */
  record AcquireFirst(DataId dataId, long systemIdentifier, TimelineId timeline)
      implements Action {}

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
  }

  /**
   * Takes over from a primary that is stopped and says so in {@code intent}: ends its epoch and
   * takes the key, each conditioned on the wish standing as it was read.
   */
  record TakeOver(Intent intent, Acquisition acquisition) implements Action {}

  /**
   * Does beforehand what taking the key and the promotion need: a lease, and a guardian that can be
   * armed at once. Nothing depends on its success.
   *
   * @param occasion id of the wish, or the round; done once for each
   */
  record PrepareTakeOver(String occasion) implements Action {}

  /** Writes the next state of a wish, unless it was changed meanwhile. */
  record Advance(Intent next) implements Action {}

  /** Renews the hold of an earlier run, or of an acquisition whose answer was lost. */
  record ResumeHold(NodeState.HoldNote note) implements Action {}

  /** Gives the key back; PostgreSQL is confirmed stopped and is a standby when started again. */
  record Release(Epoch epoch, boolean leaving, String why) implements Action {}

  /**
   * Renews the key no more: its lease runs out, and others may take it then. For a PostgreSQL that
   * cannot be ended; nothing is written under the hold from now on.
   */
  record LetLapse(Epoch epoch, String why) implements Action {}

  /** Publishes the pledge. */
  record PublishPledge(Pledge pledge) implements Action {}

  /** Deletes this member's pledge, before its directory is touched. */
  record WithdrawPledge() implements Action {}

  /** Publishes which directory this member owns, and deletes its pledge. */
  record PublishDataId(DataId dataId) implements Action {}

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
  }

  /** Completes the report of a failover with what it lost. */
  record PublishLoss(Epoch epoch, FailoverReport.Loss loss) implements Action {}

  /** Starts the guardian, fed with the present deadline. */
  record ArmGuardian() implements Action {}

  /** Sends the guardian home. */
  record DisarmGuardian() implements Action {}

  /** Moves the store's leadership off this host. */
  record MoveStoreLeadership(String to) implements Action {}

  /** The agent may end. */
  record Exit() implements Action {}
}
