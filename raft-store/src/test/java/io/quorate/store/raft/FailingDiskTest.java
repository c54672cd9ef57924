package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.Bytes;
import io.quorate.store.ReadMode;
import io.quorate.store.Revision;
import io.quorate.store.WatchQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that cannot be written any more. */
final class FailingDiskTest {
  private static final RaftStoreConfig.LogSettings SMALL =
      new RaftStoreConfig.LogSettings(10_000, 0, 2, 16 * 1024);

  @TempDir Path dir;

  @Test
  void aLeaderThatCannotWriteItsLogGivesUpAndComesBackWhenItCan() throws IOException {
    try (TestCluster cluster =
        new TestCluster(dir, 3).with(config -> config.withLog(SMALL)).start()) {
      String broken = cluster.leader();
      RaftStore store = cluster.store(broken);
      RaftStore other = cluster.store(cluster.follower());
      Watching watching =
          Watching.begin(store, WatchQuery.prefix(Bytes.utf8("key"), Revision.NONE));

      // The next segment cannot be made.
      Path current = current(cluster, broken);
      Path away = current.resolveSibling("away");
      Files.move(current, away);
      for (int i = 0; store.status().problem().isEmpty() && i < 1_000; i++) {
        put(other, "key" + i, "x".repeat(1_000));
      }
      put(other, "key-last", "while it is broken");
      Await.until(
          () -> "a problem, but " + store.status(),
          () -> store.status().problem().isPresent() && !store.status().leading());
      Await.until("another leads", () -> !cluster.leader().equals(broken));

      // A member whose own copy stands still serves all the same, but for what is local.
      Files.move(away, current);
      Await.until(
          () -> "it is well again, but " + store.status(),
          () ->
              store.status().problem().isEmpty()
                  && get(store, "key-last", ReadMode.SERIALIZABLE).isPresent());
      put(store, "key-after", "value");
      assertThat(get(store, "key-after")).isEqualTo(Optional.of("value"));
      Await.until(watching::toString, () -> watching.keys().contains("key-after"));
      assertThat(watching.revisions()).isSorted().doesNotHaveDuplicates();
      assertThat(watching.keys()).contains("key0", "key-last");
    }
  }

  private static Path current(TestCluster cluster, String name) throws IOException {
    Path log = cluster.config(name).dataDir().resolve(IdentityFiles.LOG_DIR);
    try (Stream<Path> groups = Files.list(log)) {
      return groups.findFirst().orElseThrow().resolve("current");
    }
  }
}
