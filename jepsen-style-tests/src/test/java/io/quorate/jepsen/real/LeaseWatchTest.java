package io.quorate.jepsen.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the watch makes of looks at a lease of 3 s. */
final class LeaseWatchTest {

  private static final Duration EVERY = Duration.ofMillis(500);
  private static final Duration TTL = Duration.ofSeconds(3);

  /** Looks every 50 ms; renewed every {@code renewMs} until {@code untilMs}. */
  private static List<LeaseWatch.Sample> looks(int lengthMs, int renewMs, int untilMs) {
    List<LeaseWatch.Sample> samples = new ArrayList<>();
    for (int ms = 0; ms < lengthMs; ms += 50) {
      int renewed = Math.min(ms, untilMs) / renewMs * renewMs;
      double left = 2.5 - (ms - renewed) / 1000.0;
      samples.add(new LeaseWatch.Sample(ms * 1_000_000L, left > 0, left > 0 ? 7 : 0, left));
    }
    return samples;
  }

  private static List<String> faults(List<LeaseWatch.Sample> samples) {
    return LeaseWatch.seen(samples).faults(Duration.ofSeconds(15), EVERY, TTL);
  }

  @Test
  void aRenewedLeaseIsWell() {
    LeaseWatch.Seen seen = LeaseWatch.seen(looks(15_000, 500, 15_000));
    assertThat(seen.renewals()).isEqualTo(29);
    assertThat(seen.epochs()).containsExactly(7L);
    assertThat(faults(looks(15_000, 500, 15_000))).isEmpty();
  }

  @Test
  void renewalsThatTakeAsLongAsASlowDiskAreSeen() {
    assertThat(faults(looks(15_000, 2_000, 15_000)))
        .containsExactly("7 renewals in PT15S, 30 were due");
  }

  @Test
  void aLeaseThatRanOutIsSeen() {
    assertThat(faults(looks(15_000, 500, 4_000))).hasSize(3);
  }

  @Test
  void anotherEpochIsSeen() {
    List<LeaseWatch.Sample> samples = new ArrayList<>(looks(15_000, 500, 15_000));
    samples.add(new LeaseWatch.Sample(15_000_000_000L, true, 8, 2.5));
    assertThat(faults(samples)).containsExactly("epochs [7, 8]");
  }

  @Test
  void readsAPageOfMetrics() {
    assertThat(
            LeaseWatch.parse("# HELP a b\n# TYPE a gauge\na{scope=\"x\",name=\"y\"} 2.500\nb 1\n"))
        .isEqualTo(Map.of("a", 2.5, "b", 1.0));
  }
}
