package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.RangeQuery;
import io.quorate.store.StoreError;
import io.quorate.store.lease.AuthorityTimings;
import io.quorate.store.machine.StoreMachine;
import io.quorate.time.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads at a member whose copy is behind that of the leader. */
final class LinearizableReadsTest {
  private static final long INDEX = 7;
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private final VirtualTime time = new VirtualTime();
  private final StoreMachine machine = new StoreMachine();
  private final LeaderDesk desk =
      new LeaderDesk(
          machine,
          time,
          AuthorityTimings.DEFAULT,
          Duration.ofSeconds(1),
          () -> new Voters(0, List.of(), List.of(), List.of()),
          (_, _) -> {},
          Runnable::run);
  private final Replica replica = new Replica(machine, desk, new KnownEntries(), () -> {});
  private final Replica.Feed feed = replica.attach();
  private Attempt<Long> readIndex = new Attempt.Served<>(INDEX);
  private final LinearizableReads reads =
      new LinearizableReads(
          new LinearizableReads.Leader() {
            @Override
            public <T> CompletableFuture<Attempt<T>> route(Call<T> call) {
              return CompletableFuture.completedFuture(answer(call));
            }
          },
          replica,
          time);

  @SuppressWarnings("unchecked") // Each kind of call is answered by its own kind of answer.
  private <T> Attempt<T> answer(Call<T> call) {
    return (Attempt<T>)
        (call instanceof Call.Query(RangeQuery query)
            ? new Attempt.Served<>(machine.state().range(query))
            : readIndex);
  }

  @BeforeEach
  void restore() {
    feed.restore(Optional.empty());
  }

  @Test
  void aCopyThatLagsIsReadPastAndIsNotSaidToHaveCaughtUp() {
    CompletableFuture<Outcome<OpResult.Range>> range =
        reads.read(RangeQuery.key(Bytes.of(new byte[] {1})));
    CompletableFuture<Boolean> caughtUp = reads.caughtUp(LIMIT);
    time.advance(Duration.ofMillis(500));
    assertThat(range).isDone();
    assertThat(caughtUp).isNotDone();
    time.advance(Duration.ofMillis(500));
    assertThat(caughtUp).isCompletedWithValue(false);
    feed.applied(INDEX, false);
    assertThat(caughtUp).isCompletedWithValue(false);
  }

  @Test
  void aCopyHasCaughtUpOnceItAppliedWhatTheLeaderHad() {
    CompletableFuture<Boolean> caughtUp = reads.caughtUp(LIMIT);
    feed.applied(INDEX - 1, false);
    assertThat(caughtUp).isNotDone();
    feed.applied(INDEX, false);
    assertThat(caughtUp).isCompletedWithValue(true);
    assertThat(time.pending()).isZero();
  }

  @Test
  void withoutALeaderNobodyHasCaughtUp() {
    readIndex =
        new Attempt.Refused<>(new StoreError(StoreError.Code.UNAVAILABLE, "there is no leader"));
    assertThat(reads.caughtUp(LIMIT)).isCompletedWithValue(false);
    assertThat(time.pending()).isZero();
  }
}
