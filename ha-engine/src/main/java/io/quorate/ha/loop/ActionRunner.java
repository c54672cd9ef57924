package io.quorate.ha.loop;

import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.IntentTransactions;
import io.quorate.ha.decide.Action;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.NodeState;

/** Does what was decided: one branch for each action. Belongs to the loop; waits for nothing. */
final class ActionRunner {

  /** What the runner needs of the loop. */
  interface Loop {
    /** Decide anew. */
    void wake();

    /** Look at PostgreSQL, and only then call {@code then}. */
    void sampleThen(Runnable then);

    /** The agent may end. */
    void exit();
  }

  private final LoopMemory memory;
  private final NodeNotes notes;
  private final ClusterTransactions transactions;
  private final IntentTransactions intents;
  private final UnderWay underWay;
  private final InstanceActions instance;
  private final KeyActions key;
  private final RecordActions records;
  private final Loop loop;

  ActionRunner(
      HaConfig config,
      HaPorts ports,
      LoopMemory memory,
      PrimaryHold hold,
      ClusterWatch watch,
      MemberPublisher publisher,
      ClusterTransactions transactions,
      IntentTransactions intents,
      Loop loop) {
    this.memory = memory;
    this.notes = new NodeNotes(ports, memory, hold);
    this.transactions = transactions;
    this.intents = intents;
    this.loop = loop;
    this.underWay = new UnderWay(ports, memory, loop);
    this.instance = new InstanceActions(ports, memory, hold, underWay, loop);
    Reports reports = new Reports(config.name(), ports.wallClock());
    this.key =
        new KeyActions(
            config, ports, memory, hold, notes, watch, publisher, transactions, reports, underWay);
    this.records =
        new RecordActions(ports, memory, watch, publisher, transactions, reports, underWay);
  }

  /** Whether {@code action} would begin now: neither it nor, exclusive, any other is under way. */
  boolean wouldStart(Action action) {
    return underWay.mayBegin(action);
  }

  /** Starts {@code action} unless it, or for an exclusive one any exclusive one, is under way. */
  void start(Action action) {
    if (!wouldStart(action)) {
      return;
    }
    underWay.begin(action);
    switch (action) {
      case Action.Run run -> instance.run(run);
      case Action.ReadEndOfWal _ -> instance.readEndOfWal(action);
      case Action.KeepDiverged keep -> instance.keepDiverged(keep);
      case Action.Fence(String why) -> instance.fence(action, why);
      case Action.ArmGuardian _ -> instance.armGuardian(action);
      case Action.DisarmGuardian _ -> instance.disarmGuardian(action);
      case Action.SaveState(NodeState state) -> save(action, state);
      case Action.AcquireFirst first -> key.acquireFirst(first);
      case Action.Acquire acquire -> key.acquire(acquire);
      case Action.PrepareTakeOver prepare -> key.prepare(prepare);
      case Action.TakeOver takeOver -> key.takeOver(takeOver);
      case Action.ResumeHold(NodeState.HoldNote note) -> key.resume(action, note);
      case Action.Release release -> key.release(release);
      case Action.LetLapse lapse -> key.letLapse(lapse);
      case Action.ConfirmView _ -> records.confirmView(action);
      case Action.AskPeer ask -> records.askPeer(ask);
      case Action.ClaimInitialize _ -> records.claimInitialize(action);
      case Action.Advance(Intent next) -> records.write(action, intents.advance(next), () -> {});
      case Action.PublishPledge(var pledge) ->
          records.write(action, transactions.pledge(pledge), () -> underWay.step("pledged"));
      case Action.WithdrawPledge _ ->
          records.write(action, transactions.withdrawPledge(), () -> {});
      case Action.PublishDataId(var dataId) ->
          records.write(action, transactions.dataId(dataId), () -> {});
      case Action.PublishBranch publish -> records.publishBranch(publish);
      case Action.PublishLoss publish -> records.publishLoss(publish);
      case Action.MoveStoreLeadership move -> records.moveLeadership(move);
      case Action.Exit _ -> {
        underWay.over(action);
        loop.exit();
      }
    }
  }

  private void save(Action action, NodeState state) {
    NodeState seen = memory.durable;
    notes.save(
        current -> current.withChanges(seen, state),
        saved -> underWay.end(action, saved, "durable state"));
  }
}
