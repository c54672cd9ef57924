package io.quorate.ha.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.JournalCodec;
import io.quorate.ha.decide.Decision;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.JournalEntry;
import io.quorate.ha.model.MemberName;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.local.LocalStore;
import io.quorate.time.BootTime;
import io.quorate.time.TaskScheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The replicated journal on a store in memory; timers run when the test says. */
final class StoreJournalTest {

  private static final ClusterKeys KEYS = new ClusterKeys("/service", "demo");
  private static final MemberName A = new MemberName("a");
  private static final BootTime AT = new BootTime(1_000_000_000L);

  private final ArrayDeque<Runnable> timers = new ArrayDeque<>();
  private final TaskScheduler scheduler =
      (Duration _, Runnable task) -> {
        timers.addLast(task);
        return () -> timers.remove(task);
      };
  private final LocalStore store = new LocalStore("a", () -> AT, (_, _) -> () -> {}, Runnable::run);
  private StoreJournal journal = journal();

  private StoreJournal journal() {
    return new StoreJournal(
        new LogJournal(),
        store,
        KEYS,
        A,
        scheduler,
        Runnable::run,
        InstantSource.fixed(Instant.parse("2026-11-22T18:00:00Z")));
  }

  private void decided(Decision.Code code, String reason) {
    journal.decided(AT, "following", code, reason);
  }

  private void runTimers() {
    for (int i = timers.size(); i > 0; i--) {
      timers.removeFirst().run();
    }
  }

  private List<JournalEntry> stored() {
    return new JournalReader(store, KEYS).read().toCompletableFuture().join().entries();
  }

  @Test
  void onlyChangesAreWrittenAndTogether() {
    decided(Decision.Code.FOLLOWING, "follows b");
    decided(Decision.Code.FOLLOWING, "follows b, 2 s later");
    journal.acted(AT, "follow", true, "");
    journal.acted(AT, "follow", true, "");
    journal.hold(AT, new Epoch(7), "lost");
    assertThat(stored()).isEmpty();
    assertThat(timers).hasSize(1);
    runTimers();
    assertThat(stored())
        .extracting(e -> e.kind() + " " + e.code() + " " + e.text())
        .containsExactly(
            "DECISION FOLLOWING follows b", "ACTION follow done", "LEASE epoch 7 lost");
    assertThat(stored()).extracting(JournalEntry::batch).containsOnly(0L);
    assertThat(timers).isEmpty();
  }

  @Test
  void theRingGoesOnAfterARestart() {
    decided(Decision.Code.FOLLOWING, "first");
    runTimers();
    journal = journal();
    decided(Decision.Code.STARTING, "second");
    runTimers();
    assertThat(stored()).extracting(JournalEntry::batch).containsExactly(0L, 1L);
  }

  @Test
  void aDeadStoreKeepsNobodyWaitingAndCosts64Entries() {
    store.close();
    for (int i = 0; i < 200; i++) {
      journal.acted(AT, "probe", false, "number " + i);
    }
    assertThat(timers).hasSize(1);
    runTimers();
    assertThat(timers).as("it tries again").hasSize(1);
    assertThat(journal.dropped()).isEqualTo(200 - StoreJournal.QUEUE_MAX);
  }

  @Test
  void whatWasDroppedIsSaid() {
    for (int i = 0; i < 100; i++) {
      journal.acted(AT, "probe", false, "number " + i);
    }
    for (int i = 0; i < 10; i++) {
      runTimers();
    }
    assertThat(timers).isEmpty();
    List<JournalEntry> entries = stored();
    assertThat(entries.getFirst().kind()).isEqualTo(JournalEntry.Kind.GAP);
    assertThat(entries.getFirst().text()).startsWith("36 entries were dropped");
    assertThat(entries).hasSize(1 + StoreJournal.QUEUE_MAX);
    assertThat(entries.getLast().text()).isEqualTo("failed: number 99");
    assertThat(journal.dropped()).isEqualTo(36);
  }

  @Test
  void neverMoreThanTheRing() {
    for (int i = 0; i < 500; i++) {
      journal.acted(AT, "probe", false, i + "x".repeat(1_000));
      runTimers();
    }
    Outcome<OpResult.Range> all =
        store
            .range(RangeQuery.prefix(KEYS.journal()), ReadMode.SERIALIZABLE)
            .toCompletableFuture()
            .join();
    assertThat(all)
        .isInstanceOfSatisfying(
            Outcome.Done.class,
            done -> {
              OpResult.Range range = (OpResult.Range) done.value();
              assertThat(range.keys()).hasSize(JournalCodec.SLOTS);
              assertThat(range.keys())
                  .allMatch(kv -> kv.value().size() <= JournalCodec.BATCH_MAX_BYTES);
            });
  }
}
