package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Three members and what they promise to callers at any of them. */
final class RaftStoreTest {

  private static final Logger FIGURES = LoggerFactory.getLogger("io.quorate.figures");

  @TempDir Path dir;

  @Test
  void threeFreshMembersBecomeOneStoreThatAnyOfThemServes() {
    try (TestCluster cluster = new TestCluster(dir, 3)) {
      long begun = System.nanoTime();
      cluster.start();
      FIGURES.info("three fresh members are one store after {} ms", millisSince(begun));
      int n = 0;
      for (String writer : cluster.stores().keySet()) {
        TestCluster.put(cluster.store(writer), "key", "value" + n);
        for (String reader : cluster.stores().keySet()) {
          assertThat(TestCluster.get(cluster.store(reader), "key"))
              .as("read at %s what %s wrote", reader, writer)
              .isEqualTo(Optional.of("value" + n));
        }
        n++;
      }
    }
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }
}
