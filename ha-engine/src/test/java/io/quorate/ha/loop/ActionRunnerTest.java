package io.quorate.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.IntentTransactions;
import io.quorate.ha.decide.Acquisition;
import io.quorate.ha.decide.Action;
import io.quorate.ha.decide.Hold;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.PromotionNote;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.store.Bytes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is under way ends, also where the resource that does it breaks. */
final class ActionRunnerTest {

  private static final MemberName DB1 = new MemberName("db1");
  private static final Epoch EPOCH = new Epoch(4);
  private static final DataId DATA = new DataId("0000000000000001");

  private final VirtualTime time = new VirtualTime();
  private final BrokenMachine broken = new BrokenMachine();
  private final HaPorts ports =
      new HaPorts(
          broken,
          broken,
          broken,
          broken,
          _ -> CompletableFuture.failedFuture(new IllegalStateException("broken")),
          time::now,
          time,
          Runnable::run,
          RandomGenerator.getDefault(),
          InstantSource.system(),
          new IdleMachine());
  private final LoopMemory memory = new LoopMemory(NodeState.EMPTY);
  private final PostgresSampling sampling = new PostgresSampling(ports, memory);
  private final PrimaryHold hold =
      new PrimaryHold(
          ports,
          Bytes.utf8("/service/demo/leader"),
          HaTimings::lan,
          new FenceTimer(broken, time::now, time, () -> {}),
          () -> {});
  private int woken;
  private final ActionRunner runner = runner();

  private ActionRunner runner() {
    ClusterKeys keys = new ClusterKeys("service", "demo");
    ClusterTransactions transactions = new ClusterTransactions(keys, DB1);
    HaConfig config =
        new HaConfig(
            "demo",
            "service",
            DB1,
            "run",
            MemberTags.NONE,
            "1",
            "db1.example",
            5432,
            "",
            "",
            new Observation.RejoinPolicy(true, false, false),
            ClusterSettings.defaults(),
            Bytes.EMPTY);
    return new ActionRunner(
        config,
        ports,
        memory,
        hold,
        new ClusterWatch(ports, keys, _ -> {}),
        new MemberPublisher(ports, transactions, HaTimings::lan, () -> {}),
        transactions,
        new IntentTransactions(keys),
        new ActionRunner.Loop() {
          @Override
          public void wake() {
            woken++;
          }

          @Override
          public void sampleThen(Runnable then) {
            sampling.then(then);
          }

          @Override
          public void exit() {}
        });
  }

  static List<Action> actions() {
    return List.of(
        new Action.Run(new PostgresOperation.Freeze(EPOCH, Map.of())),
        new Action.ReadEndOfWal(),
        new Action.KeepDiverged(
            Lsn.INVALID, new EndOfWal(TimelineId.FIRST, Lsn.parse("0/3000000"))),
        new Action.SaveState(NodeState.EMPTY.withFloorAtLeast(EPOCH)),
        new Action.Fence("of this test"),
        new Action.ConfirmView(),
        new Action.AcquireFirst(DATA, 7, TimelineId.FIRST),
        new Action.ResumeHold(new NodeState.HoldNote(EPOCH, 7)),
        new Action.Release(EPOCH, false, "of this test"),
        new Action.WithdrawPledge(),
        new Action.PublishDataId(DATA),
        new Action.ClaimInitialize(),
        new Action.DisarmGuardian());
  }

  @ParameterizedTest
  @MethodSource("actions")
  void anActionThatBreaksHasFailed(Action action) {
    runner.start(action);
    assertThat(memory.inFlight).isEmpty();
    assertThat(memory.busy).isEmpty();
    assertThat(memory.failure)
        .hasValueSatisfying(failure -> assertThat(failure.operation()).isEqualTo(action.name()));
    assertThat(woken).isPositive();
    assertThat(runner.wouldStart(action)).isTrue();
  }

  @Test
  void anAcquisitionThatBreaksMayHaveLanded() {
    broken.grants = true;
    runner.start(new Action.AcquireFirst(DATA, 7, TimelineId.FIRST));
    assertThat(memory.inFlight).isEmpty();
    assertThat(memory.pendingLease).as("the lease by which the view will tell").isNotZero();
  }

  @Test
  void aKeyWhoseReleaseBreaksIsNotBelievedInAnyMore() {
    hold.take(EPOCH, time.now(), HaTimings.lan().ttl());
    runner.start(new Action.Release(EPOCH, false, "of this test"));
    assertThat(hold.current(time.now())).isInstanceOf(Hold.Lapsed.class);
  }

  @Test
  void nothingBeginsAnewUnderAKeyWhoseReleaseMayYetLand() {
    broken.saves = true;
    hold.take(EPOCH, time.now(), HaTimings.lan().ttl());
    runner.start(new Action.Release(EPOCH, false, "of this test"));
    assertThat(memory.durable.floor()).isEqualTo(EPOCH);
  }

  /** A run that is cut off right after may be followed by one that finds the key standing. */
  @Test
  void beforeAKeyIsGivenBackItIsNotedThatNothingBeginsUnderIt() {
    broken.saves = true;
    List<Epoch> notedWhenSent = new ArrayList<>();
    broken.onTxn = () -> notedWhenSent.add(memory.durable.floor());
    hold.take(EPOCH, time.now(), HaTimings.lan().ttl());
    runner.start(new Action.Release(EPOCH, false, "of this test"));
    assertThat(notedWhenSent).containsExactly(EPOCH);
  }

  @Test
  void aDiskThatHangsDoesNotKeepTheKey() {
    broken.hangs = true;
    AtomicInteger sent = new AtomicInteger();
    broken.onTxn = sent::incrementAndGet;
    hold.take(EPOCH, time.now(), HaTimings.lan().ttl());
    runner.start(new Action.Release(EPOCH, false, "of this test"));
    assertThat(sent).hasValue(0);
    time.advance(Duration.ofSeconds(1));
    assertThat(sent).hasValue(1);
  }

  @Test
  void aKeyThatIsLeftToLapseIsNotTakenForOneWhoseAnswerWasLost() {
    memory.pendingLease = 7;
    hold.take(EPOCH, time.now(), HaTimings.lan().ttl());
    runner.start(new Action.LetLapse(EPOCH, "of this test"));
    assertThat(hold.current(time.now())).isInstanceOf(Hold.Lapsed.class);
    assertThat(memory.pendingLease).isZero();
  }

  @Test
  void anAcquisitionWhoseAnswerWasLostIsNotedAsTheOthersAre() {
    broken.saves = true;
    EndOfWal end = new EndOfWal(TimelineId.FIRST, Lsn.parse("0/3000000"));
    memory.pendingLease = 7;
    memory.pendingAcquisition =
        Optional.of(
            new Acquisition(
                new Epoch(3),
                DATA,
                end,
                List.of(),
                new TimelineId(2),
                new SyncRecord.Async(),
                EpochRecord.Cause.SWITCHOVER));
    runner.start(new Action.ResumeHold(new NodeState.HoldNote(EPOCH, 7)));
    assertThat(memory.durable.promotions())
        .containsExactly(new PromotionNote(EPOCH, end, new TimelineId(2)));
  }

  @Test
  void aHoldOfAnEarlierRunIsNoPromotion() {
    broken.saves = true;
    runner.start(new Action.ResumeHold(new NodeState.HoldNote(EPOCH, 8)));
    assertThat(memory.durable.hold()).contains(new NodeState.HoldNote(EPOCH, 8));
    assertThat(memory.durable.promotions()).isEmpty();
  }

  @Test
  void aLookThatBreaksIsNoAnswer() {
    sampling.then(() -> woken++);
    assertThat(woken).isOne();
    assertThat(memory.postgres).isInstanceOf(PostgresStatus.Unresponsive.class);
  }
}
