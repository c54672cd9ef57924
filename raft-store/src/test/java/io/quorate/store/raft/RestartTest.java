package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a member finds when it starts, and what it must not start with. */
final class RestartTest {

  @TempDir Path dir;

  @Test
  void everythingIsThereAfterAllWereDownButNotUnderAnEmptiedDirectory() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      put(cluster.store("db1"), "key", "value");
      List.copyOf(cluster.stores().keySet()).forEach(cluster::close);
      cluster.start();
      assertThat(get(cluster.store("db2"), "key")).isEqualTo(Optional.of("value"));

      cluster.close("db3");
      Path data = cluster.config("db3").dataDir();
      Path away = data.resolveSibling("away");
      Files.move(data, away);

      assertThatThrownBy(() -> cluster.tryOpen("db3"))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("raft.data_dir")
          .hasMessageContaining("emptied or exchanged");

      // Without the other copy it is somebody else, whom the others do not take in as the old one.
      Files.delete(cluster.config("db3").identityCopy());
      deleteTree(data);
      RaftStore stranger = cluster.tryOpen("db3");
      Await.until(
          () -> "refused, but " + stranger.status(),
          () ->
              stranger
                  .status()
                  .problem()
                  .filter(problem -> problem.contains("a member already"))
                  .isPresent());
      assertThat(stranger.status().voters()).isEmpty();
      put(cluster.store("db2"), "key", "the others go on");
    }
  }

  @Test
  void partsOfTheStorageThatAreMissingOrOlderAreNoticed() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 1).start()) {
      put(cluster.store("db1"), "key", "value");
      cluster.close("db1");
      RaftStoreConfig config = cluster.config("db1");
      Path marker = config.dataDir().resolve(IdentityFiles.MARKER);
      byte[] older = Files.readAllBytes(marker);
      cluster.open("db1");
      cluster.close("db1");

      byte[] latest = Files.readAllBytes(marker);
      Files.write(marker, older);
      refused(cluster, "restored from an older copy");
      Files.write(marker, new byte[] {1, 2, 3});
      refused(cluster, "is damaged");
      Files.delete(marker);
      refused(cluster, "holds no identity");
      Files.write(marker, latest);

      Path log = config.dataDir().resolve(IdentityFiles.LOG_DIR);
      Path away = config.dataDir().resolve("log-away");
      Files.move(log, away);
      refused(cluster, "the log was deleted or damaged");
      deleteTree(log);
      Files.move(away, log);
      cluster.start();
      assertThat(get(cluster.store("db1"), "key")).isEqualTo(Optional.of("value"));
    }
  }

  @Test
  void aLogWithAFlippedByteIsRefused() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 1).start()) {
      for (int i = 0; i < 50; i++) {
        put(cluster.store("db1"), "key" + i, "value");
      }
      cluster.close("db1");
      Path segment;
      try (Stream<Path> files = Files.walk(cluster.config("db1").dataDir())) {
        segment =
            files
                .filter(file -> file.getFileName().toString().startsWith("log_"))
                .max(Comparator.comparingLong(file -> file.toFile().length()))
                .orElseThrow();
      }
      byte[] content = Files.readAllBytes(segment);
      content[1500] ^= 0x40;
      Files.write(segment, content);
      refused(cluster, "raft.data_dir: the log in");
    }
  }

  @Test
  void aSnapshotThatIsTruncatedOrGoneIsRefused() throws IOException {
    RaftStoreConfig.LogSettings small = new RaftStoreConfig.LogSettings(100, 0, 2, 16 * 1024);
    try (TestCluster cluster =
        new TestCluster(dir, 1).with(config -> config.withLog(small)).start()) {
      for (int i = 0; i < 400; i++) {
        put(cluster.store("db1"), "key" + i % 10, "x".repeat(200));
      }
      cluster.close("db1");
      List<Path> snapshots;
      try (Stream<Path> files = Files.walk(cluster.config("db1").dataDir())) {
        snapshots =
            files
                .filter(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"))
                .toList();
      }
      assertThat(snapshots).isNotEmpty();
      for (Path snapshot : snapshots) {
        byte[] content = Files.readAllBytes(snapshot);
        Files.write(snapshot, Arrays.copyOf(content, content.length / 2));
      }
      refused(cluster, "raft.data_dir: the snapshot");
      for (Path snapshot : snapshots) {
        Files.delete(snapshot);
      }
      refused(cluster, "a snapshot was lost");
    }
  }

  @Test
  void aPortInUseIsNamed() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 1)) {
      HostPort listen = cluster.config("db1").listen();
      try (ServerSocket taken =
          new ServerSocket(listen.port(), 1, InetAddress.getLoopbackAddress())) {
        assertThat(taken.isBound()).isTrue();
        refused(cluster, "raft.listen: cannot listen on " + listen);
      }
    }
  }

  private static void refused(TestCluster cluster, String why) {
    assertThatThrownBy(() -> cluster.tryOpen("db1"))
        .isInstanceOf(StoreRefusedException.class)
        .hasMessageContaining(why);
  }

  private static void deleteTree(Path tree) throws IOException {
    DurableFiles.deleteTree(tree);
  }
}
