package io.quorate.ha.journal;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.JournalCodec;
import io.quorate.ha.decide.Decision;
import io.quorate.ha.loop.HaEvents;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.JournalEntry;
import io.quorate.ha.model.MemberName;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Store;
import io.quorate.store.TxnResult;
import io.quorate.time.BootTime;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what changed in the store, where every member can read it. Never in the way: the loop only
 * puts an entry into a bounded queue, which is written some time later, in one piece; what does not
 * fit is dropped and counted. Nothing that repeats is written, so a cluster in which nothing
 * happens writes nothing.
 */
public final class StoreJournal implements HaEvents {

  /** Entries that wait to be written; the oldest are dropped beyond. */
  static final int QUEUE_MAX = 64;

  /** So that the journal does not compete with the election it tells of. */
  private static final Duration COLLECT = Duration.ofSeconds(1);

  private static final Duration RETRY = Duration.ofSeconds(5);

  /** Told of only when it fails: the decisions around it say more. */
  private static final Set<String> BOOKKEEPING =
      Set.of("save state", "wish", "slots", "disarm guardian", "publish data id", "publish loss");

  private static final Logger LOG = LoggerFactory.getLogger(StoreJournal.class);

  private final HaEvents also;
  private final Store store;
  private final ClusterKeys keys;
  private final MemberName self;
  private final TaskScheduler scheduler;
  private final Executor executor;
  private final InstantSource wallClock;

  // Guarded by this; held for moments only, never over a call.
  private final ArrayDeque<JournalEntry> queue = new ArrayDeque<>();
  private long dropped;
  private long droppedEver;
  private boolean writing;
  private Optional<Long> next = Optional.empty();
  private String lastDecision = "";
  private String lastOther = "";

  /**
   * A journal of {@code self}.
   *
   * @param also gets every event, too
   * @param executor runs what comes of timers and answers; any thread will do
   */
  public StoreJournal(
      HaEvents also,
      Store store,
      ClusterKeys keys,
      MemberName self,
      TaskScheduler scheduler,
      Executor executor,
      InstantSource wallClock) {
    this.also = also;
    this.store = store;
    this.keys = keys;
    this.self = self;
    this.scheduler = scheduler;
    this.executor = executor;
    this.wallClock = wallClock;
  }

  /** How many entries were dropped since the start because the store did not take them in time. */
  public synchronized long dropped() {
    return droppedEver;
  }

  @Override
  public void decided(BootTime at, String situation, Decision.Code code, String reason) {
    also.decided(at, situation, code, reason);
    String decision = situation + "/" + code;
    synchronized (this) {
      if (decision.equals(lastDecision)) {
        return;
      }
      lastDecision = decision;
    }
    add(JournalEntry.Kind.DECISION, code.name(), reason);
  }

  @Override
  public void acted(BootTime at, String action, boolean success, String detail) {
    also.acted(at, action, success, detail);
    if (!success || !BOOKKEEPING.contains(action)) {
      addOnce(JournalEntry.Kind.ACTION, action, success ? done(detail) : "failed: " + detail);
    }
  }

  /** Without what a result without content is called. */
  private static String done(String detail) {
    return detail.isEmpty() || detail.equals("done") || detail.equals("Succeeded[]")
        ? "done"
        : "done: " + detail;
  }

  @Override
  public void hold(BootTime at, Epoch epoch, String what) {
    also.hold(at, epoch, what);
    addOnce(JournalEntry.Kind.LEASE, "epoch " + epoch, what);
  }

  @Override
  public void report(FailoverReport report) {
    also.report(report);
    addOnce(JournalEntry.Kind.FAILOVER, "epoch " + report.epoch(), LogJournal.text(report));
  }

  @Override
  public void trouble(BootTime at, String what) {
    also.trouble(at, what);
    addOnce(JournalEntry.Kind.TROUBLE, "trouble", what);
  }

  private void addOnce(JournalEntry.Kind kind, String code, String text) {
    String other = kind + code + text;
    synchronized (this) {
      if (other.equals(lastOther)) {
        return;
      }
      lastOther = other;
    }
    add(kind, code, text);
  }

  private void add(JournalEntry.Kind kind, String code, String text) {
    synchronized (this) {
      queue.addLast(new JournalEntry(self, 0, 0, wallClock.instant(), kind, code, text));
      if (queue.size() > QUEUE_MAX) {
        queue.removeFirst();
        dropped++;
        droppedEver++;
      }
      if (writing) {
        return;
      }
      writing = true;
    }
    later(COLLECT);
  }

  private void later(Duration delay) {
    var _ = scheduler.schedule(delay, () -> executor.execute(this::write));
  }

  private void write() {
    Optional<Long> number;
    synchronized (this) {
      number = next;
    }
    if (number.isEmpty()) {
      findNext();
      return;
    }
    JournalCodec.Batch batch;
    long droppedNow;
    synchronized (this) {
      droppedNow = dropped;
      if (droppedNow > 0) {
        queue.addFirst(gap(droppedNow));
      }
      batch = JournalCodec.batch(number.get(), List.copyOf(queue));
      if (droppedNow > 0) {
        queue.removeFirst();
      }
    }
    int taken = droppedNow > 0 ? batch.taken() - 1 : batch.taken();
    var _ =
        store
            .txn(JournalCodec.write(keys, self, batch), Principal.MEMBER)
            .thenAccept(
                outcome -> executor.execute(() -> written(batch, taken, droppedNow, outcome)));
  }

  private JournalEntry gap(long count) {
    return new JournalEntry(
        self,
        0,
        0,
        wallClock.instant(),
        JournalEntry.Kind.GAP,
        "dropped",
        count + " entries were dropped: the store did not take them in time");
  }

  /** After a restart of the agent the ring goes on where it stood. */
  private void findNext() {
    var _ =
        store
            .range(RangeQuery.prefix(keys.journal(self)), ReadMode.LINEARIZABLE)
            .thenAccept(outcome -> executor.execute(() -> found(outcome)));
  }

  private void found(Outcome<OpResult.Range> outcome) {
    if (!(outcome instanceof Outcome.Done<OpResult.Range>(OpResult.Range range))) {
      later(RETRY);
      return;
    }
    long last =
        range.keys().stream()
            .flatMap(kv -> JournalCodec.read(keys, kv.key(), kv.value()).stream())
            .map(JournalEntry::batch)
            .max(Comparator.naturalOrder())
            .orElse(-1L);
    synchronized (this) {
      next = Optional.of(last + 1);
    }
    write();
  }

  private void written(JournalCodec.Batch batch, int taken, long gap, Outcome<TxnResult> outcome) {
    if (!(outcome instanceof Outcome.Done<TxnResult>)) {
      // The same slot again: should it have been written after all, it is written over.
      LOG.debug("journal outcome=failure \"{}\"", outcome);
      later(RETRY);
      return;
    }
    synchronized (this) {
      // Those of the batch that were dropped meanwhile are in the store, and not missing.
      long droppedOfThem = Math.min(dropped - gap, taken);
      dropped -= gap + droppedOfThem;
      droppedEver -= droppedOfThem;
      for (long i = droppedOfThem; i < taken; i++) {
        queue.removeFirst();
      }
      next = Optional.of(batch.number() + 1);
      if (queue.isEmpty()) {
        writing = false;
        return;
      }
    }
    later(COLLECT);
  }
}
