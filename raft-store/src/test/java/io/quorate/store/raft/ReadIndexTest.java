package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.lease.AuthorityTimings;
import io.quorate.store.machine.StoreMachine;
import io.quorate.time.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The leader's answer to reads, where it is the only voter and so confirms itself. */
final class ReadIndexTest {
  private static final String SELF = "db1-1";
  private static final long COMMITTED = 7;

  private final VirtualTime time = new VirtualTime();
  private final StoreMachine machine = new StoreMachine();
  private final Voters voters =
      new Voters(0, List.of(new Voters.Peer(SELF, "", "")), List.of(), List.of());
  private final LeaderDesk desk =
      new LeaderDesk(
          machine,
          time,
          AuthorityTimings.DEFAULT,
          Duration.ofSeconds(1),
          () -> voters,
          this::confirm,
          Runnable::run);
  private final Replica replica = new Replica(machine, desk, new KnownEntries(), () -> {});
  private long configuration = -1;
  private final ReadIndex reads =
      new ReadIndex(desk, replica, () -> COMMITTED, () -> configuration, new Soon(time));
  private final Replica.Feed feed = replica.attach();

  private void confirm(long round, Voters asked) {
    desk.voterAnswered(round, asked.current().getFirst().id(), 1);
  }

  @BeforeEach
  void lead() {
    feed.restore(Optional.empty());
    desk.ready(1);
  }

  @Test
  void answersOnceWhatIsCommittedIsApplied() {
    CompletableFuture<Attempt<Long>> answer = reads.get();
    assertThat(answer).isNotDone();
    feed.applied(COMMITTED - 1, false);
    assertThat(answer).isNotDone();
    feed.applied(COMMITTED, false);
    assertThat(answer).isCompletedWithValue(new Attempt.Served<>(replica.lastCommand()));
    assertThat(time.pending()).isZero();
  }

  /** Who asks for the members after one was promoted is to see that. */
  @Test
  void aChangeOfTheMembersIsToBeSeenOnceItIsCommitted() {
    feed.applied(COMMITTED, false);
    configuration = COMMITTED - 1;
    assertThat(reads.get()).isCompletedWithValue(new Attempt.Served<>(COMMITTED - 1));
    configuration = COMMITTED + 1;
    assertThat(reads.get()).isCompletedWithValue(new Attempt.Served<>(COMMITTED));
  }

  /** As when its log fails between commit and apply: another leader can answer. */
  @Test
  void aLeaderThatAppliesNothingMoreIsNotWaitedFor() {
    CompletableFuture<Attempt<Long>> answer = reads.get();
    time.advance(Duration.ofSeconds(1));
    assertThat(answer)
        .isCompletedWithValue(new Attempt.NotNow<>("the leader does not apply what is committed"));
  }
}
