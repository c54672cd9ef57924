package io.quorate.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.decide.Hold;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.NodeState;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.local.LocalStore;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Protocol §3.5: the holder never believes longer than the store keeps its lease. */
final class PrimaryHoldTest {

  private static final Bytes KEY = Bytes.utf8("/service/demo/leader");
  private static final LeaseId LEASE = new LeaseId(7);
  private static final Duration STEP = Duration.ofMillis(50);

  private final VirtualTime time = new VirtualTime();
  private final LocalStore store = new LocalStore("db1", () -> time.now(), time, Runnable::run);
  private final IdleMachine machine = new IdleMachine();
  private final HaPorts ports =
      new HaPorts(
          store,
          machine,
          machine,
          machine,
          _ -> CompletableFuture.completedFuture(false),
          () -> time.now(),
          time,
          Runnable::run,
          RandomGenerator.getDefault(),
          InstantSource.system(),
          machine);
  private HaTimings settings = HaTimings.lan();
  private final PrimaryHold hold =
      new PrimaryHold(
          ports,
          KEY,
          () -> settings,
          new FenceTimer(machine, () -> time.now(), time, () -> {}),
          () -> {});

  private Epoch taken() {
    now(store.grantLease(LEASE, settings.ttl(), Principal.MEMBER));
    Outcome<TxnResult> put =
        now(store.txn(Txn.of(Op.put(KEY, Bytes.EMPTY, LEASE)), Principal.MEMBER));
    return new Epoch(((Outcome.Done<TxnResult>) put).value().revision().value());
  }

  private boolean keyStands() {
    return !((Outcome.Done<io.quorate.store.OpResult.Range>)
            now(store.range(RangeQuery.key(KEY), ReadMode.LINEARIZABLE)))
        .value()
        .keys()
        .isEmpty();
  }

  @Test
  void aLongerTtlIsBelievedOnlyOfLeasesThatWereGrantedForIt() {
    hold.take(taken(), time.now(), settings.ttl());
    settings = HaTimings.wan();
    BootTime end = time.now().plus(Duration.ofSeconds(30));
    while (time.now().isBefore(end)) {
      time.advance(STEP);
      assertThat(hold.current(time.now())).isInstanceOf(Hold.Held.class);
      BootTime deadline = ((Hold.Held) hold.current(time.now())).deadline();
      assertThat(time.now().until(deadline)).isLessThan(HaTimings.lan().ttl());
      assertThat(keyStands()).as("renewed often enough for the lease that there is").isTrue();
    }
    assertThat(machine.fenced).isZero();
  }

  @Test
  void aRestartedAgentLearnsFromTheStoreHowLongItsLeaseIs() {
    Epoch epoch = taken();
    settings = HaTimings.wan();
    hold.resume(epoch);
    BootTime deadline = ((Hold.Held) hold.current(time.now())).deadline();
    assertThat(time.now().until(deadline)).isLessThan(HaTimings.lan().ttl());
    time.advance(Duration.ofSeconds(20));
    assertThat(keyStands()).isTrue();
    assertThat(hold.current(time.now())).isInstanceOf(Hold.Held.class);
  }

  @Test
  void anEarlierHoldThatNobodyGuardsIsFencedWhereTheStoreDoesNotAnswer() {
    machine.guarded = false;
    cutOff().resume(new Epoch(4));
    time.advance(Duration.ofMillis(1100));
    assertThat(machine.fenced).isOne();
  }

  @Test
  void anEarlierHoldThatIsGuardedIsLeftToItsGuardian() {
    cutOff().resume(new Epoch(4));
    time.advance(Duration.ofSeconds(10));
    assertThat(machine.fenced).isZero();
  }

  @Test
  void anEarlierHoldInPauseIsNotFencedThoughNobodyAnswers() {
    machine.guarded = false;
    PrimaryHold paused = cutOff();
    paused.guarded(false);
    paused.resume(new Epoch(4));
    time.advance(Duration.ofSeconds(10));
    assertThat(machine.fenced).isZero();
  }

  @Test
  void anEarlierHoldThatNobodyGuardsIsKeptWhereTheStoreAnswers() {
    machine.guarded = false;
    hold.resume(taken());
    time.advance(Duration.ofSeconds(10));
    assertThat(hold.current(time.now())).isInstanceOf(Hold.Held.class);
    assertThat(machine.fenced).isZero();
  }

  /** One whose store answers nothing. */
  private PrimaryHold cutOff() {
    HaPorts silent =
        new HaPorts(
            new BrokenMachine(),
            machine,
            machine,
            machine,
            _ -> CompletableFuture.completedFuture(false),
            () -> time.now(),
            time,
            Runnable::run,
            RandomGenerator.getDefault(),
            InstantSource.system(),
            machine);
    return new PrimaryHold(
        silent,
        KEY,
        () -> settings,
        new FenceTimer(machine, () -> time.now(), time, () -> {}),
        () -> {});
  }

  @Test
  void whatAnEarlierEpochIsAnsweredSaysNothingOfTheOneHeld() {
    Epoch earlier = taken();
    now(store.revokeLease(LEASE, Principal.MEMBER));
    Epoch held = taken();
    hold.take(held, time.now(), settings.ttl());
    hold.resume(earlier);
    time.advance(Duration.ofSeconds(10));
    assertThat(hold.current(time.now()))
        .isInstanceOfSatisfying(
            Hold.Held.class, still -> assertThat(still.epoch()).isEqualTo(held));
  }

  /** In pause a lapsed hold is kept in mind, and a later one may have been taken unheard. */
  @Test
  void aLaterHoldIsAskedForThoughAnEarlierOneLapsed() {
    Epoch earlier = taken();
    hold.take(earlier, time.now(), settings.ttl());
    hold.letLapse(earlier, "of this test");
    hold.resume(earlier);
    assertThat(hold.current(time.now())).isInstanceOf(Hold.Lapsed.class);
    now(store.revokeLease(LEASE, Principal.MEMBER));
    Epoch later = taken();
    hold.resume(later);
    assertThat(hold.current(time.now()))
        .isInstanceOfSatisfying(Hold.Held.class, held -> assertThat(held.epoch()).isEqualTo(later));
    time.advance(Duration.ofSeconds(10));
    assertThat(keyStands()).as("renewed").isTrue();
  }

  @Test
  void aNoteIsComputedFromWhatTheOneBeforeItLeft() {
    LoopMemory memory = new LoopMemory(NodeState.EMPTY);
    NodeNotes notes = new NodeNotes(ports, memory, hold);
    machine.disk = new CompletableFuture<>();
    NodeState seen = memory.durable;
    notes.save(state -> state.withFloorAtLeast(new Epoch(9)), _ -> {});
    notes.save(notes.holding(new NodeState.HoldNote(new Epoch(4), 7)), _ -> {});
    notes.save(
        state -> state.withChanges(seen, seen.withPaused(true)),
        saved -> assertThat(saved).isTrue());
    machine.disk.complete(true);
    assertThat(memory.durable).isEqualTo(machine.onDisk);
    assertThat(memory.durable)
        .isEqualTo(
            new NodeState(
                Optional.empty(),
                new Epoch(9),
                Optional.of(new NodeState.HoldNote(new Epoch(4), 7)),
                List.of(),
                Optional.empty(),
                true,
                false));
  }

  @Test
  void aNoteOfAnEarlierHoldDoesNotReplaceThatOfTheOneHeld() {
    LoopMemory memory = new LoopMemory(NodeState.EMPTY);
    NodeNotes notes = new NodeNotes(ports, memory, hold);
    NodeState.HoldNote earlier = new NodeState.HoldNote(new Epoch(1), 3);
    hold.take(taken(), time.now(), settings.ttl());
    Epoch held = ((Hold.Held) hold.current(time.now())).epoch();
    NodeState.HoldNote later = new NodeState.HoldNote(held, LEASE.value());
    notes.save(notes.holding(later), _ -> {});
    notes.save(notes.holding(earlier), _ -> {});
    notes.save(NodeNotes.forgetting(earlier.epoch()), _ -> {});
    assertThat(machine.onDisk.hold()).hasValue(later);
    assertThat(hold.current(time.now())).isInstanceOf(Hold.Held.class);
  }

  @Test
  void aDiskThatBreaksLeavesNoNoteWaiting() {
    LoopMemory memory = new LoopMemory(NodeState.EMPTY);
    NodeNotes notes = new NodeNotes(ports, memory, hold);
    machine.disk = CompletableFuture.failedFuture(new IllegalStateException("no disk"));
    notes.save(state -> state.withPaused(true), saved -> assertThat(saved).isFalse());
    assertThat(memory.durable).isEqualTo(NodeState.EMPTY);
    machine.disk = CompletableFuture.completedFuture(true);
    notes.save(state -> state.withFloorAtLeast(new Epoch(2)), _ -> {});
    assertThat(memory.durable).isEqualTo(NodeState.EMPTY.withFloorAtLeast(new Epoch(2)));
  }

  private static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }
}
