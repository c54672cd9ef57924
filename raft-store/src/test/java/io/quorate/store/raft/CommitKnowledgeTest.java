package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.store.ReadMode;
import io.quorate.time.BootTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a member that starts knows to be committed before it hears of a leader. */
final class CommitKnowledgeTest {
  @TempDir private Path dir;

  @Test
  void aMemberAloneShowsWhatItHadApplied() {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      for (int i = 0; i < 20; i++) {
        put(cluster.store("db1"), "key", "value" + i);
      }
      Await.until(
          "the last change reaches db3",
          () ->
              get(cluster.store("db3"), "key", ReadMode.SERIALIZABLE)
                  .equals(Optional.of("value19")));
      List.of("db1", "db2", "db3").forEach(cluster::close);

      RaftStore alone = cluster.open("db3");
      Await.until(
          () -> "what was there, but " + alone.status(),
          () -> get(alone, "key", ReadMode.SERIALIZABLE).equals(Optional.of("value19")));
      assertThat(alone.status().leader()).isEmpty();
    }
  }

  /** Followers serve watches and reads, and forward writes whose effect is to be seen there. */
  @Test
  void aFollowerIsToldOfACommitWithoutWaitingForAHeartbeat() {
    Duration seldom = Duration.ofSeconds(40);
    RaftStoreConfig.Timing slow =
        RaftStoreConfig.Timing.LAN.withElection(seldom, seldom.multipliedBy(2));
    try (TestCluster cluster =
        new TestCluster(dir, 3).with(config -> config.withTiming(slow)).start()) {
      RaftStore follower = cluster.store(cluster.follower());
      BootTime began = cluster.time().now();
      for (int i = 0; i < 10; i++) {
        String value = "value" + i;
        put(follower, "key", value);
        Await.until(
            value + " reaches the follower",
            () -> get(follower, "key", ReadMode.SERIALIZABLE).equals(Optional.of(value)));
      }
      assertThat(began.until(cluster.time().now())).isLessThan(seldom.dividedBy(4));
    }
  }

  @Test
  void aNoteThatTheLogDoesNotHoldIsNotHeeded() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 1).start()) {
      put(cluster.store("db1"), "key", "value");
      cluster.close("db1");
      new CommitNote(99, 1).write(group(cluster, "db1"));
      cluster.start();
      assertThat(get(cluster.store("db1"), "key")).isEqualTo(Optional.of("value"));
      cluster.close("db1");
      new CommitNote(1, 1_000_000).write(group(cluster, "db1"));
      cluster.start();
      put(cluster.store("db1"), "key", "goes on");
      assertThat(get(cluster.store("db1"), "key")).isEqualTo(Optional.of("goes on"));
    }
  }

  /**
   * With one, a candidate knows that something is committed, and counts no vote of an empty log.
   */
  @Test
  void everyMemberTakesAFirstSnapshotAtOnce() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      for (String name : List.of("db1", "db2", "db3")) {
        Path group = group(cluster, name);
        Await.until(name + " takes a snapshot", () -> lastSnapshot(group).isPresent());
      }
    }
  }

  /** The next ones come with the log's length. */
  @Test
  void theFirstSnapshotIsTakenOnce() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 1).start()) {
      Path group = group(cluster, "db1");
      Await.until("it takes a snapshot", () -> lastSnapshot(group).isPresent());
      Optional<LogFiles.Snapshot> first = lastSnapshot(group);
      for (String value : List.of("one", "two", "three")) {
        byte[] noted = note(group);
        put(cluster.store("db1"), "key", value);
        // In the same second it is looked whether a snapshot is due.
        Await.until("the commit is noted", () -> !Arrays.equals(note(group), noted));
      }
      assertThat(lastSnapshot(group)).isEqualTo(first);
    }
  }

  private static byte[] note(Path group) {
    try {
      return Files.readAllBytes(group.resolve("commit-note"));
    } catch (NoSuchFileException _) {
      return new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A voter whose log was emptied under it must help nobody to lead. */
  @Test
  void anEmptiedLogIsNotStarted() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      put(cluster.store("db1"), "key", "acknowledged");
      List.of("db1", "db2", "db3").forEach(cluster::close);
      empty(group(cluster, "db2"));
      assertThatThrownBy(() -> cluster.tryOpen("db2"))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("put back to an earlier state");
    }
  }

  private static Optional<LogFiles.Snapshot> lastSnapshot(Path group) {
    try {
      return LogFiles.lastSnapshot(group);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path group(TestCluster cluster, String name) throws IOException {
    Path log = cluster.config(name).dataDir().resolve(IdentityFiles.LOG_DIR);
    try (Stream<Path> groups = Files.list(log)) {
      return groups.filter(Files::isDirectory).findFirst().orElseThrow();
    }
  }

  /** Takes away the log, its snapshots and the note, but not the vote. */
  private static void empty(Path group) throws IOException {
    try (Stream<Path> files = Files.walk(group)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith("log_") || name.startsWith("snapshot.") || name.equals("commit-note")) {
          Files.delete(file);
        }
      }
    }
  }
}
