package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.done;
import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.StoreError;
import io.quorate.store.WatchQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots, the log that is purged behind them, and members that need one. */
final class SnapshotTest {
  private static final RaftStoreConfig.LogSettings SMALL =
      new RaftStoreConfig.LogSettings(100, 0, 2, 16 * 1024);

  @TempDir Path dir;

  @Test
  void aMemberThatMissedWhatIsPurgedGetsASnapshotAndItsWatchesAreToldOfTheGap() throws IOException {
    try (TestCluster cluster =
        new TestCluster(dir, 3).with(config -> config.withLog(SMALL)).start()) {
      String late = cluster.follower();
      Revision early = put(cluster.store(late), "early", "value").revision();
      cluster.close(late);
      String leader = cluster.leader();
      for (int i = 0; i < 400; i++) {
        Revision last =
            put(cluster.store(leader), "key" + i % 50, "value" + i + " ".repeat(100)).revision();
        if (i == 250) {
          // In good time to be part of the snapshot that will be sent.
          done(Await.value(cluster.store(leader).compact(last)));
        }
      }
      assertThat(firstLogIndex(cluster, leader)).as("start of the purged log").isPositive();

      RaftStore store = cluster.open(late);
      // What it begins with reaches less far back than the snapshot that it is about to get.
      Watching watching =
          Watching.begin(store, WatchQuery.prefix(Bytes.utf8("key"), new Revision(early.value())));
      Await.until(
          () -> "it catches up, but " + store.status(),
          () ->
              get(store, "key49", ReadMode.SERIALIZABLE)
                  .filter(v -> v.startsWith("value399"))
                  .isPresent());
      assertThat(get(store, "early")).isEqualTo(Optional.of("value"));
      Await.until(() -> "an end, but " + watching, () -> watching.ended().isPresent());
      assertThat(watching.ended().map(StoreError::code)).contains(StoreError.Code.COMPACTED);
      assertThat(watching.revisions()).as("delivered before the gap").isSorted();
      put(store, "after", "value");
      assertThat(snapshots(cluster, late)).isPositive();

      // And it starts from that snapshot.
      cluster.close(late);
      RaftStore again = cluster.open(late);
      assertThat(get(again, "after")).isEqualTo(Optional.of("value"));
    }
  }

  private static long snapshots(TestCluster cluster, String name) throws IOException {
    try (Stream<Path> files = Files.walk(cluster.config(name).dataDir())) {
      return files
          .filter(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
          .count();
    }
  }

  private static long firstLogIndex(TestCluster cluster, String name) throws IOException {
    try (Stream<Path> files = Files.walk(cluster.config(name).dataDir())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.startsWith("log_"))
          .mapToLong(file -> Long.parseLong(file.replaceAll("log_(inprogress_)?(\\d+).*", "$2")))
          .min()
          .orElseThrow();
    }
  }
}
