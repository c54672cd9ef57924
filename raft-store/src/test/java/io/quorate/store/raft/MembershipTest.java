package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.Membership.Change;
import io.quorate.store.Membership.Member;
import io.quorate.store.Membership.Phase;
import io.quorate.store.Membership.Progress;
import io.quorate.store.Outcome;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.WatchQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
      assertThat(removed.status().problem())
          .hasValueSatisfying(said -> assertThat(said).doesNotContain("failed"));
      put(asked, "key", "without it");
      assertThat(asked.members()).hasSize(2);

      repeat(asked, new Change.Add(gone, member.raftAddress(), member.memberAddress()), Phase.DONE);
      cluster.awaitVoters(3);
      assertThat(get(removed, "key")).isEqualTo(Optional.of("without it"));
    }
  }

  @Test
  void whatWouldLoseTheMajorityIsRefused() {
    // The member that is cut off from the others' service must not come to lead the store by an
    // election for want of processor time: nobody could ask it anything.
    RaftStoreConfig.Timing patient =
        RaftStoreConfig.Timing.LAN.withElection(Duration.ofSeconds(3), Duration.ofSeconds(6));
    try (TestCluster cluster =
        new TestCluster(dir, 3).with(config -> config.withTiming(patient)).start()) {
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

  /** And votes once it is promoted, at once: of four voters one is lost, and its vote is needed. */
  @Test
  void aListenerServesAndDoesNotVoteUntilItIsPromoted() {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      put(cluster.store("db1"), "key", "before");
      RaftStore listener = cluster.openBeside("db4");
      RaftStoreConfig.Member entry = cluster.entry("db4");
      RaftStore asked = cluster.store(cluster.leader());
      repeat(
          asked,
          new Change.Add("db4", entry.address().toString(), entry.memberAddress().toString(), true),
          Phase.DONE);
      Await.until(
          () -> "it serves what was there, but " + listener.status(),
          () -> get(listener, "key", ReadMode.SERIALIZABLE).equals(Optional.of("before")));
      assertThat(member(asked, "db4"))
          .hasValueSatisfying(db4 -> assertThat(db4.listener()).isTrue());
      assertThat(asked.status().voters()).hasSize(3);
      Watching watching =
          Watching.begin(listener, WatchQuery.prefix(Bytes.utf8("key"), Revision.NONE));

      // Its server runs as a listener by now: another leader makes no candidate of it.
      String former = cluster.leader();
      cluster.cutOff(former);
      Await.until(
          () -> "another leads",
          () -> cluster.leaderNow().filter(name -> !name.equals(former)).isPresent());
      put(listener, "key", "through it");
      assertThat(get(listener, "key")).isEqualTo(Optional.of("through it"));
      Await.until(watching::toString, () -> watching.keys().contains("key"));
      assertThat(cluster.leader()).isNotEqualTo("db4");
      cluster.open(former);
      Await.until(
          () -> "three voters can be reached",
          () -> cluster.store(cluster.leader()).members().stream().allMatch(Member::reachable));

      repeat(cluster.store(cluster.leader()), new Change.Promote("db4"), Phase.DONE);
      assertThat(cluster.store(cluster.leader()).status().voters()).hasSize(4);
      String gone = cluster.leader().equals("db4") ? "db1" : cluster.leader();
      cluster.cutOff(gone);
      put(listener, "key", "three of four");
      assertThat(get(listener, "key")).isEqualTo(Optional.of("three of four"));
    }
  }

  /** Added while it runs, its Raft server is started again: that is no reason to refuse. */
  @Test
  void aListenerThatWasJustAddedIsPromotedWithoutARefusal() {
    try (TestCluster cluster = new TestCluster(dir, 1).start()) {
      RaftStore leader = cluster.store("db1");
      RaftStore _ = cluster.openBeside("db4");
      RaftStoreConfig.Member entry = cluster.entry("db4");
      repeat(
          leader,
          new Change.Add("db4", entry.address().toString(), entry.memberAddress().toString(), true),
          Phase.DONE);
      List<Outcome<Progress>> answers = new ArrayList<>();
      Await.until(
          () -> "it is promoted, but " + answers,
          () -> {
            answers.add(Await.value(leader.change(new Change.Promote("db4"))));
            return answers.getLast() instanceof Outcome.Done<Progress>(Progress progress)
                && progress.phase() == Phase.DONE;
          });
      assertThat(answers).noneMatch(answer -> answer instanceof Outcome.NotDone<Progress>);
      assertThat(leader.status().voters()).hasSize(2);
    }
  }

  @Test
  void aListenerThatDoesNotAnswerIsNotPromoted() {
    try (TestCluster cluster = new TestCluster(dir, 1).start()) {
      RaftStore leader = cluster.store("db1");
      awaitRefusal(leader, new Change.Promote("db4"), "no listener named 'db4'");
      RaftStore _ = cluster.openBeside("db4");
      RaftStoreConfig.Member entry = cluster.entry("db4");
      repeat(
          leader,
          new Change.Add("db4", entry.address().toString(), entry.memberAddress().toString(), true),
          Phase.DONE);
      cluster.cutOffBeside("db4");
      awaitRefusal(leader, new Change.Promote("db4"), "does not answer");
      assertThat(leader.status().voters()).hasSize(1);
      put(leader, "key", "value");
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
