package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaders in processes of their own: stopped by a signal, overtaken and continued, the case in
 * which a leader knows least about its being none; with a disk that takes nothing more; killed.
 */
final class ProcessFaultsTest {
  private static final Logger FIGURES = LoggerFactory.getLogger("io.quorate.figures");
  private static final int TRIALS = 3;

  @TempDir Path dir;

  @Test
  void leadersFailInEveryWayAndNothingIsLostOrOutOfDate() {
    try (ProcessCluster cluster = new ProcessCluster(dir, 3).start()) {
      for (int trial = 0; trial < TRIALS; trial++) {
        stopOvertakeContinue(cluster, trial);
      }
      fillDisk(cluster);
      killLeader(cluster);
    }
  }

  private static void stopOvertakeContinue(ProcessCluster cluster, int trial) {
    String former = cluster.leader(cluster.names());
    List<String> others = cluster.names().stream().filter(name -> !name.equals(former)).toList();
    ProcessCluster.Child stopped = cluster.child(former);
    String lease = Integer.toString(100 + trial);
    assertThat(stopped.ask("put key old" + trial)).startsWith("Done");
    assertThat(stopped.ask("grant " + lease + " 1000")).isEqualTo("Done");
    String revision = stopped.ask("hold held" + trial + " " + lease).replace("Done ", "");
    assertThat(stopped.ask("renew held" + trial + " " + revision)).isEqualTo("Renewed");
    // A read confirmed just now, with nothing written since: the case that fooled Ratis' reads.
    assertThat(stopped.ask("get key")).isEqualTo("Done old" + trial);

    stopped.stop();
    List<CompletableFuture<String>> reads = new ArrayList<>();
    List<CompletableFuture<String>> renewals = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      reads.add(stopped.send("get key"));
      renewals.add(stopped.send("renew held" + trial + " " + revision));
    }
    ProcessCluster.Child next = cluster.child(cluster.leader(others));
    assertThat(next.ask("put key new" + trial)).startsWith("Done");
    String held = "get held" + trial;
    Await.until("the lease ends", () -> next.ask(held).equals("Done nothing"));

    stopped.signal("CONT");
    for (CompletableFuture<String> read : reads) {
      assertThat(Await.value(read)).isNotEqualTo("Done old" + trial);
    }
    for (CompletableFuture<String> renewal : renewals) {
      assertThat(Await.value(renewal)).isNotEqualTo("Renewed");
    }
    AtomicReference<String> said = new AtomicReference<>("nothing");
    Await.until(
        () -> "it serves again, but said " + said,
        () -> {
          said.set(stopped.ask("get key"));
          return said.get().equals("Done new" + trial);
        });
  }

  /** Its files may not grow any more, as if the disk were full; later they may. */
  private static void fillDisk(ProcessCluster cluster) {
    String broken = cluster.leader(cluster.names());
    List<String> others = cluster.names().stream().filter(name -> !name.equals(broken)).toList();
    ProcessCluster.Child member = cluster.child(broken);
    ProcessCluster.Child other = cluster.child(others.getFirst());
    assertThat(other.ask("put key before")).startsWith("Done");

    member.limitFiles("1024");
    Await.until(
        "its log runs into the limit",
        () -> {
          assertThat(other.ask("put filler " + "x".repeat(200))).startsWith("Done");
          return !member.ask("problem").equals("none");
        });
    assertThat(cluster.leader(others)).isNotEqualTo(broken);
    assertThat(other.ask("put key full")).startsWith("Done");
    assertThat(member.ask("get key")).isEqualTo("Done full");

    member.limitFiles("unlimited");
    Await.until("it is well again", () -> member.ask("problem").equals("none"));
    assertThat(member.ask("put key after")).startsWith("Done");
    Await.until("it keeps up", () -> member.ask("local key").equals("Done after"));
  }

  private static void killLeader(ProcessCluster cluster) {
    String former = cluster.leader(cluster.names());
    List<String> others = cluster.names().stream().filter(name -> !name.equals(former)).toList();
    ProcessCluster.Child follower = cluster.child(others.getFirst());
    assertThat(follower.ask("put key before")).startsWith("Done");
    cluster.kill(former);
    long begun = System.nanoTime();
    assertThat(follower.ask("put key after")).startsWith("Done");
    FIGURES.info(
        "leader killed -> next put done at a follower: {} ms",
        (System.nanoTime() - begun) / 1_000_000);

    // It comes back with what it had, and what it missed.
    cluster.open(former);
    Await.until(
        "the killed one is back", () -> cluster.child(former).ask("get key").equals("Done after"));
  }
}
