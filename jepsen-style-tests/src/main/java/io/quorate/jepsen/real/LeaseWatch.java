package io.quorate.jepsen.real;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a primary's lease through its metrics, many times between two renewals. The time left
 * grows with a renewal and only then: so they are counted from outside.
 */
final class LeaseWatch implements AutoCloseable {

  private static final long PAUSE_NANOS = Duration.ofMillis(40).toNanos();

  private final RealCluster cluster;
  private final RealNode primary;
  private final List<Sample> samples = new ArrayList<>();
  private final Thread thread;
  private volatile boolean stopped;

  /**
   * One look.
   *
   * @param atNanos monotonic time
   * @param primary whether it calls itself primary
   * @param epoch its epoch, 0 for none
   * @param leftSeconds time left on the lease; negative when it has none, or nobody answered
   */
  record Sample(long atNanos, boolean primary, long epoch, double leftSeconds) {}

  /**
   * What was seen.
   *
   * @param renewals how often the time left grew
   * @param epochs every epoch seen
   * @param absent looks at which it was not primary, or did not answer
   * @param longest longest time without a renewal
   */
  record Seen(int samples, int renewals, List<Long> epochs, int absent, Duration longest) {

    /** What is wrong with a lease that should have been renewed every {@code renewEvery}. */
    List<String> faults(Duration window, Duration renewEvery, Duration ttl) {
      List<String> faults = new ArrayList<>();
      long due = window.dividedBy(renewEvery);
      if (renewals < due / 2) {
        faults.add("%d renewals in %s, %d were due".formatted(renewals, window, due));
      }
      if (longest.compareTo(ttl) >= 0) {
        faults.add("no renewal for " + longest);
      }
      if (epochs.size() != 1) {
        faults.add("epochs " + epochs);
      }
      if (absent > 0) {
        faults.add("not primary at %d of %d looks".formatted(absent, samples));
      }
      return faults;
    }
  }

  /** Begins to look. */
  LeaseWatch(RealCluster cluster, RealNode primary) {
    this.cluster = cluster;
    this.primary = primary;
    this.thread = Thread.ofPlatform().daemon().name("lease watch").start(this::run);
  }

  private void run() {
    while (!stopped) {
      Sample sample = sample(System.nanoTime(), cluster.metrics(primary));
      synchronized (samples) {
        samples.add(sample);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  static Sample sample(long atNanos, Map<String, Double> metrics) {
    return new Sample(
        atNanos,
        metrics.getOrDefault("quorate_primary", 0.0) == 1.0,
        metrics.getOrDefault("quorate_epoch", 0.0).longValue(),
        metrics.getOrDefault("quorate_lease_left_seconds", -1.0));
  }

  /** What was seen so far. */
  Seen seen() {
    synchronized (samples) {
      return seen(samples);
    }
  }

  static Seen seen(List<Sample> samples) {
    int renewals = 0;
    int absent = 0;
    TreeSet<Long> epochs = new TreeSet<>();
    Duration longest = Duration.ZERO;
    long renewedAt = samples.isEmpty() ? 0 : samples.getFirst().atNanos();
    @Nullable Sample last = null;
    for (Sample sample : samples) {
      if (!sample.primary() || sample.leftSeconds() < 0) {
        absent++;
      }
      if (sample.epoch() != 0) {
        epochs.add(sample.epoch());
      }
      if (last != null && sample.leftSeconds() > last.leftSeconds()) {
        renewals++;
        renewedAt = sample.atNanos();
      }
      Duration without = Duration.ofNanos(sample.atNanos() - renewedAt);
      if (without.compareTo(longest) > 0) {
        longest = without;
      }
      last = sample;
    }
    return new Seen(samples.size(), renewals, List.copyOf(epochs), absent, longest);
  }

  /** Values by name of a page of metrics; labels are left out. */
  static Map<String, Double> parse(String page) {
    Map<String, Double> values = new TreeMap<>();
    for (String line : page.lines().filter(l -> !l.startsWith("#")).toList()) {
      int labels = line.indexOf('{');
      int space = line.lastIndexOf(' ');
      if (space > 0) {
        values.put(
            line.substring(0, labels < 0 ? space : labels),
            Double.parseDouble(line.substring(space + 1)));
      }
    }
    return values;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
