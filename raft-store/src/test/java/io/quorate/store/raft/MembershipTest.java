package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Membership.Change;
import io.quorate.store.Membership.Member;
import io.quorate.store.Membership.Phase;
import io.quorate.store.Membership.Progress;
import io.quorate.store.Outcome;
import io.quorate.store.StoreError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Voters come and go while the store serves. */
final class MembershipTest {

  @TempDir Path dir;

  @Test
  void aMemberWithAnEmptiedDiskIsReplacedUnderANewIdentity() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      put(cluster.store("db1"), "key", "value");
      String lost = cluster.follower();
      RaftStore asked = cluster.store(cluster.leader());
      String oldId = id(asked, lost);
      Change replace = new Change.Replace(lost, oldId);

      awaitRefusal(asked, replace, "runs and answers");

      cluster.close(lost);
      DurableFiles.deleteTree(cluster.config(lost).dataDir());
      Files.delete(cluster.config(lost).identityCopy());
      // The others forget after a few seconds that they heard of it.
      repeat(asked, replace, Phase.WAITING);
      RaftStore anew = cluster.open(lost);
      Progress done = repeat(asked, replace, Phase.DONE);
      assertThat(done.text()).contains(oldId + " is gone");

      cluster.awaitVoters(3);
      assertThat(id(asked, lost)).isNotEqualTo(oldId);
      assertThat(get(anew, "key")).isEqualTo(Optional.of("value"));
    }
  }

  @Test
  void aRemovedVoterStaysAwayUntilItIsAddedAgain() {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      // The leader itself, which has to hand over first.
      String gone = cluster.leader();
      Await.until(() -> gone + " notes its vote", () -> notedVote(cluster, gone));
      RaftStore asked = cluster.store(cluster.follower());
      Member member = member(asked, gone).orElseThrow();

      repeat(asked, new Change.Remove(gone, member.id()), Phase.DONE);
      Await.until(
          () -> "two voters, but " + asked.members(),
          () -> asked.members().size() == 2 && member(asked, gone).isEmpty());
      RaftStore removed = cluster.store(gone);
      Await.until(
          () -> "it says that it was removed, but " + removed.status(),
          () -> removed.status().problem().orElse("").contains("was removed from the store"));
      put(asked, "key", "without it");
      assertThat(asked.members()).hasSize(2);

      repeat(asked, new Change.Add(gone, member.raftAddress(), member.memberAddress()), Phase.DONE);
      cluster.awaitVoters(3);
      assertThat(get(removed, "key")).isEqualTo(Optional.of("without it"));
    }
  }

  @Test
  void whatWouldLoseTheMajorityIsRefused() {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      RaftStore leader = cluster.store(cluster.leader());
      List<String> followers =
          cluster.stores().keySet().stream()
              .filter(name -> !name.equals(cluster.leader()))
              .toList();
      Change.Remove remove =
          new Change.Remove(followers.getFirst(), id(leader, followers.getFirst()));
      cluster.cutOff(followers.getLast());
      Await.until(
          () -> "the loss is noticed",
          () -> !member(leader, followers.getLast()).orElseThrow().reachable());

      awaitRefusal(leader, remove, "2 voters remain, of which 1 can be reached");
      assertThat(leader.members()).hasSize(3);
    }
  }

  private static boolean notedVote(TestCluster cluster, String name) {
    try {
      return Files.readString(cluster.config(name).dataDir().resolve(IdentityFiles.MARKER))
          .contains("voter=true");
    } catch (IOException e) {
      return false;
    }
  }

  /** Repeats the wish, as an operator's program does, until it has come to {@code phase}. */
  private static Progress repeat(RaftStore store, Change change, Phase phase) {
    AtomicReference<Optional<Progress>> reached = new AtomicReference<>(Optional.empty());
    AtomicReference<Object> last = new AtomicReference<>("nothing");
    Await.until(
        () -> change + " comes to " + phase + ", but " + last.get(),
        () -> {
          Outcome<Progress> outcome = Await.value(store.change(change));
          last.set(outcome);
          if (outcome instanceof Outcome.Done<Progress>(Progress progress)
              && progress.phase() == phase) {
            reached.set(Optional.of(progress));
          }
          return reached.get().isPresent();
        });
    return reached.get().orElseThrow();
  }

  private static void awaitRefusal(RaftStore store, Change change, String why) {
    Await.until(
        () -> change + " is refused because: " + why,
        () ->
            Await.value(store.change(change)) instanceof Outcome.NotDone<Progress>(StoreError error)
                && error.message().contains(why));
  }

  private static Optional<Member> member(RaftStore store, String name) {
    return store.members().stream().filter(member -> member.name().equals(name)).findFirst();
  }

  private static String id(RaftStore store, String name) {
    return member(store, name).orElseThrow().id();
  }
}
