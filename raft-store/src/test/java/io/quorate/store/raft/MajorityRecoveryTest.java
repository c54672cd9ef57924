package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One member goes on alone; the others were given up. */
final class MajorityRecoveryTest {

  @TempDir Path dir;

  @Test
  void aMajorityThatCameBackStandsDownOnceItReachesTheNewStore() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      put(cluster.store("db1"), "key", "known to all");
      assertThatThrownBy(() -> MajorityRecovery.examine(cluster.config("db1")))
          .isInstanceOf(StoreRefusedException.class)
          .hasMessageContaining("stop this member's agent first");
      List.copyOf(cluster.stores().keySet()).forEach(cluster::close);

      MajorityRecovery recovery = MajorityRecovery.examine(cluster.config("db1"));
      assertThat(recovery.found().others())
          .extracting(MajorityRecovery.Voter::name)
          .containsExactlyInAnyOrder("db2", "db3");
      var _ = recovery.recover();

      // Both lost ones, who do not reach the new store yet, are the old store's majority.
      RaftStore second = cluster.open("db2");
      RaftStore third = cluster.open("db3");
      put(second, "key", "of the store that was given up");
      RaftStore first = cluster.open("db1");
      for (RaftStore lost : List.of(second, third)) {
        Await.until(
            () -> "it stands down, but " + lost.status(),
            () ->
                lost.status().problem().orElse("").contains("was given up and replaced")
                    && !lost.status().leading());
      }
      Await.until(() -> "it leads alone, but " + first.status(), () -> first.status().leading());
      assertThat(first.status().voters()).hasSize(1);
      assertThat(get(first, "key")).isEqualTo(Optional.of("known to all"));
      put(first, "key", "goes on");
    }
  }

  @Test
  void oneThatWasInterruptedIsRepeated() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 3).start()) {
      put(cluster.store("db1"), "key", "value");
      List.copyOf(cluster.stores().keySet()).forEach(cluster::close);
      RaftStoreConfig config = cluster.config("db1");
      Path marker = config.dataDir().resolve(IdentityFiles.MARKER);
      byte[] before = Files.readAllBytes(marker);
      var _ = MajorityRecovery.examine(config).recover();
      // As it was before the last step.
      Files.write(marker, before);
      assertThatThrownBy(() -> cluster.tryOpen("db1")).isInstanceOf(StoreRefusedException.class);

      var _ = MajorityRecovery.examine(config).recover();
      RaftStore alone = cluster.open("db1");
      Await.until(() -> "it leads alone, but " + alone.status(), () -> alone.status().leading());
      assertThat(get(alone, "key")).isEqualTo(Optional.of("value"));
    }
  }
}
