package io.quorate.store.raft;

import static io.quorate.store.raft.TestCluster.get;
import static io.quorate.store.raft.TestCluster.put;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group is founded once, by one member, when all are there. */
final class FoundingTest {

  @TempDir Path dir;

  @Test
  void aGroupIsFoundedWhenAllHaveSpokenAndNeverAgain() throws IOException {
    try (TestCluster cluster = new TestCluster(dir, 3)) {
      RaftStore first = cluster.open("db1");
      RaftStore second = cluster.open("db2");
      awaitProblem(first, "waiting for db3");
      awaitProblem(second, "waiting for db1");
      assertThat(first.status().voters()).isEmpty();

      cluster.open("db3");
      cluster.awaitVoters(3);
      put(cluster.store("db2"), "key", "value");
      String group = groupDir(cluster, "db2");
      assertThat(groupDir(cluster, "db1")).isEqualTo(group);

      // The founder comes back with nothing at all, not even a memory of itself.
      cluster.close("db1");
      DurableFiles.deleteTree(cluster.config("db1").dataDir());
      Files.delete(cluster.config("db1").identityCopy());
      RaftStore founder = cluster.open("db1");
      awaitProblem(founder, "a member already");
      assertThat(groupDir(cluster, "db1")).isEqualTo(group);
      assertThat(get(cluster.store("db2"), "key")).isEqualTo(Optional.of("value"));
    }
  }

  @Test
  void membersThatDesignateDifferentFoundersFoundNothing() {
    try (TestCluster cluster = new TestCluster(dir, 2)) {
      RaftStore first = cluster.open("db1");
      cluster.with(config -> config.withBootstrapMember("db2"));
      RaftStore second = cluster.open("db2");
      awaitProblem(first, "make them agree");
      awaitProblem(second, "make them agree");
      assertThat(first.status().voters()).isEmpty();
      assertThat(second.status().voters()).isEmpty();
    }
  }

  private static void awaitProblem(RaftStore store, String part) {
    Await.until(
        () -> "a problem with '" + part + "', but " + store.status(),
        () -> store.status().problem().filter(problem -> problem.contains(part)).isPresent());
  }

  /** Name of the only directory of a group. */
  private static String groupDir(TestCluster cluster, String name) {
    Path log = cluster.config(name).dataDir().resolve(IdentityFiles.LOG_DIR);
    String[] groups = log.toFile().list();
    assertThat(groups).hasSize(1);
    return groups[0];
  }
}
