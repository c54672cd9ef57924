package io.quorate.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.decide.Decision;
import io.quorate.ha.decide.Hold;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.Guardian;
import io.quorate.ha.port.NodeStateStore;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.port.PostgresOperation;
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
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Protocol §3.5: the holder never believes longer than the store keeps its lease. */
final class PrimaryHoldTest {

  private static final Bytes KEY = Bytes.utf8("/service/demo/leader");
  private static final LeaseId LEASE = new LeaseId(7);
  private static final Duration STEP = Duration.ofMillis(50);

  /** Time that goes on only when it is told to. */
  private static final class VirtualTime implements TaskScheduler {
    private record Entry(BootTime due, long sequence, Runnable task) {}

    private final PriorityQueue<Entry> queue =
        new PriorityQueue<>(Comparator.comparing(Entry::due).thenComparingLong(Entry::sequence));
    private BootTime now = new BootTime(1);
    private long sequence;

    @Override
    public Cancellable schedule(Duration delay, Runnable task) {
      Entry entry = new Entry(now.plus(delay), sequence++, task);
      queue.add(entry);
      return () -> queue.remove(entry);
    }

    void advance(Duration by) {
      BootTime until = now.plus(by);
      while (!queue.isEmpty() && !until.isBefore(queue.peek().due())) {
        Entry next = queue.remove();
        now = now.isBefore(next.due()) ? next.due() : now;
        next.task().run();
      }
      now = until;
    }
  }

  private final VirtualTime time = new VirtualTime();
  private final LocalStore store = new LocalStore("db1", () -> time.now, time, Runnable::run);
  private final Machine machine = new Machine();
  private final HaPorts ports =
      new HaPorts(
          store,
          machine,
          machine,
          machine,
          _ -> CompletableFuture.completedFuture(false),
          () -> time.now,
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
          new FenceTimer(machine, () -> time.now, time, () -> {}),
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
    hold.take(taken(), time.now, settings.ttl());
    settings = HaTimings.wan();
    BootTime end = time.now.plus(Duration.ofSeconds(30));
    while (time.now.isBefore(end)) {
      time.advance(STEP);
      assertThat(hold.current(time.now)).isInstanceOf(Hold.Held.class);
      BootTime deadline = ((Hold.Held) hold.current(time.now)).deadline();
      assertThat(time.now.until(deadline)).isLessThan(HaTimings.lan().ttl());
      assertThat(keyStands()).as("renewed often enough for the lease that there is").isTrue();
    }
    assertThat(machine.fenced).isZero();
  }

  @Test
  void aRestartedAgentLearnsFromTheStoreHowLongItsLeaseIs() {
    Epoch epoch = taken();
    settings = HaTimings.wan();
    hold.resume(epoch);
    BootTime deadline = ((Hold.Held) hold.current(time.now)).deadline();
    assertThat(time.now.until(deadline)).isLessThan(HaTimings.lan().ttl());
    time.advance(Duration.ofSeconds(20));
    assertThat(keyStands()).isTrue();
    assertThat(hold.current(time.now)).isInstanceOf(Hold.Held.class);
  }

  private static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  /** Everything of the machine that a hold touches: counts fences, knows nothing. */
  private static final class Machine
      implements PostgresControl, NodeStateStore, Guardian, HaEvents {
    private int fenced;

    @Override
    public CompletionStage<OperationResult> fence(String reason) {
      fenced++;
      return CompletableFuture.completedFuture(new OperationResult.Succeeded());
    }

    @Override
    public CompletionStage<OperationResult> run(PostgresOperation operation) {
      return fence("not of this test");
    }

    @Override
    public CompletionStage<PostgresStatus> sample() {
      return CompletableFuture.completedFuture(new PostgresStatus.Unobserved());
    }

    @Override
    public CompletionStage<OperationResult> endOfWal() {
      return fence("not of this test");
    }

    @Override
    public CompletionStage<OperationResult> keepDiverged(Lsn from, EndOfWal to) {
      return fence("not of this test");
    }

    @Override
    public void onProcessChange(Runnable listener) {}

    @Override
    public NodeState load() {
      return NodeState.EMPTY;
    }

    @Override
    public CompletionStage<Boolean> save(NodeState state) {
      return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletionStage<Boolean> arm(BootTime aliveUntil) {
      return CompletableFuture.completedFuture(true);
    }

    @Override
    public void feed(BootTime aliveUntil) {}

    @Override
    public CompletionStage<Boolean> disarm() {
      return CompletableFuture.completedFuture(true);
    }

    @Override
    public boolean armed() {
      return true;
    }

    @Override
    public void decided(BootTime at, String situation, Decision.Code code, String reason) {}

    @Override
    public void acted(BootTime at, String action, boolean success, String detail) {}

    @Override
    public void hold(BootTime at, Epoch epoch, String what) {}

    @Override
    public void report(FailoverReport report) {}

    @Override
    public void trouble(BootTime at, String what) {}
  }
}
