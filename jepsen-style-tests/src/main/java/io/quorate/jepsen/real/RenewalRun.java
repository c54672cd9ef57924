package io.quorate.jepsen.real;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the primary keeps its lease while the hosts are in need: {@code RenewalRun SECONDS
 * disk|cpu|both}. Slow disks are those of the store's leader and of one follower, a majority; their
 * PostgreSQL keeps its own pace.
 */
public final class RenewalRun {

  static final Duration DISK_DELAY = Duration.ofSeconds(2);

  private RenewalRun() {}

  /** What burdens the hosts. */
  enum Burden {
    DISK,
    CPU,
    BOTH,
    /** More than a slow disk: messages wait as long as it does. Here the lease must be lost. */
    DISK_AND_MESSAGES
  }

  /**
   * What was seen.
   *
   * @param delayed calls made late at each slow agent
   * @param rows acknowledged by the primary's PostgreSQL meanwhile
   * @param gap longest time without such an acknowledgement
   */
  record Result(LeaseWatch.Seen lease, List<Long> delayed, int rows, Duration gap) {}

  /** Burdens a healthy cluster for {@code window}; {@code second} is the follower that is slow. */
  static Result run(RealCluster cluster, RealNode second, Burden burden, Duration window) {
    RealNode primary = cluster.primary().orElseThrow();
    RealNode leader = cluster.storeLeaderBeside(primary);
    List<AutoCloseable> burdens = new ArrayList<>();
    try (Ledger ledger = Ledger.open(cluster)) {
      Patience.await("writes", window, () -> ledger.count() > 10, cluster::evidence);
      List<SlowCalls> slow = new ArrayList<>();
      if (burden != Burden.CPU) {
        for (RealNode node : List.of(leader, second)) {
          long pid = node.agentPid().orElseThrow();
          SlowCalls calls =
              burden == Burden.DISK_AND_MESSAGES
                  ? SlowCalls.diskAndMessages(pid, DISK_DELAY)
                  : SlowCalls.disk(pid, DISK_DELAY);
          burdens.add(calls);
          slow.add(calls);
        }
      }
      if (burden == Burden.CPU || burden == Burden.BOTH) {
        burdens.add(new BusyCores());
      }
      int before = ledger.count();
      long began = System.nanoTime();
      try (LeaseWatch watch = new LeaseWatch(cluster, primary)) {
        Patience.await(
            "time",
            window.multipliedBy(2),
            () -> System.nanoTime() - began >= window.toNanos(),
            () -> "");
        return new Result(
            watch.seen(),
            slow.stream().map(SlowCalls::delayed).toList(),
            ledger.count() - before,
            ledger.longestGapSince(began).length());
      }
    } finally {
      burdens.forEach(RenewalRun::end);
    }
  }

  private static void end(AutoCloseable burden) {
    try {
      burden.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs it, and prints what was seen. */
  public static void main(String[] arguments) {
    PrintStream out = System.out;
    Duration window = Duration.ofSeconds(Long.parseLong(arguments[0]));
    Burden burden = Burden.valueOf(arguments[1].toUpperCase(java.util.Locale.ROOT));
    try (RealCluster cluster = RealCluster.prepare(Ports.freeBlock(), "    profile: lan\n")) {
      cluster.start();
      cluster.awaitHealthy(Duration.ofMinutes(2));
      RealNode leader = cluster.storeLeaderBeside(cluster.primary().orElseThrow());
      for (RealNode second : cluster.nodes()) {
        if (second.equals(leader)) {
          continue;
        }
        boolean own = cluster.primary().filter(second::equals).isPresent();
        Result result = run(cluster, second, burden, window);
        out.printf(
            "%s, second slow host %s: %d renewals in %d s, longest pause %d ms, epochs %s,"
                + " not primary at %d of %d looks, delayed calls %s,"
                + " %d rows, longest write gap %d ms%n",
            burden,
            own ? "the primary's" : "a standby's",
            result.lease().renewals(),
            window.toSeconds(),
            result.lease().longest().toMillis(),
            result.lease().epochs(),
            result.lease().absent(),
            result.lease().samples(),
            result.delayed(),
            result.rows(),
            result.gap().toMillis());
        cluster.awaitHealthy(Duration.ofMinutes(1));
      }
    }
  }
}
