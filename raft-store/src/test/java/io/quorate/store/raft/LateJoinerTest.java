package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Membership.Change;
import io.quorate.store.Membership.Phase;
import io.quorate.store.Membership.Progress;
import io.quorate.store.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member that answers but is never sent the whole state. */
final class LateJoinerTest {
  private static final Duration JOINING = Duration.ofSeconds(3);
  private static final RaftStoreConfig.LogSettings SMALL =
      new RaftStoreConfig.LogSettings(50, 0, 2, 16 * 1024);

  @TempDir Path dir;

  /** Its state comes as one snapshot, which its network does not let pass. */
  @Test
  void isGivenUpAndLeavesRoomForOtherChangesUntilItCanJoin() {
    try (TestCluster cluster =
            new TestCluster(dir, 3)
                .with(config ->
                    config.withLog(SMALL).withTiming(config.timing().withJoining(JOINING)))
                .start();
        NarrowRelay relay = new NarrowRelay(TestPorts.free())) {
      for (int i = 0; i < 200; i++) {
        put(cluster.store("db1"), "key" + i, "x".repeat(2_000));
      }
      RaftStore late = cluster.openBeside("db4", relay);
      RaftStore asked = cluster.store("db1");
      RaftStoreConfig.Member entry = cluster.entry("db4");
      Change add =
          new Change.Add("db4", entry.address().toString(), entry.memberAddress().toString());
      long before = asked.status().term();
      repeat(asked, add, "is being added");

      Await.until(
          () -> "a leader of a later term, which calls it off",
          () -> asked.status().term() > before && cluster.leaderNow().isPresent());
      Await.until(
          () -> "it says why it waits, but " + late.status(),
          () -> late.status().problem().orElse("").contains("takes too long"));
      assertThat(asked.members()).hasSize(3);
      long term = asked.status().term();
      // Another change is possible at once: nothing is left of the first.
      String gone = cluster.follower();
      RaftStore leader = cluster.store(cluster.leader());
      String id =
          leader.members().stream()
              .filter(member -> member.name().equals(gone))
              .findFirst()
              .orElseThrow()
              .id();
      repeat(leader, new Change.Remove(gone, id), Phase.DONE);
      assertThat(leader.members()).hasSize(2);
      assertThat(leader.status().term()).isEqualTo(term);

      relay.widen();
      repeat(leader, add, Phase.DONE);
      assertThat(get(late, "key7")).isEqualTo(Optional.of("x".repeat(2_000)));
      assertThat(leader.status().term()).isEqualTo(term);
    }
  }

  private static void repeat(RaftStore store, Change change, Object phaseOrText) {
    AtomicReference<Object> last = new AtomicReference<>("nothing");
    Await.until(
        () -> change + " comes to " + phaseOrText + ", but " + last.get(),
        () -> {
          Outcome<Progress> outcome = Await.value(store.change(change));
          last.set(outcome);
          return outcome instanceof Outcome.Done<Progress>(Progress progress)
              && (progress.phase() == phaseOrText
                  || progress.text().contains(phaseOrText.toString()));
        });
  }
}
