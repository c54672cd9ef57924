package io.quorate.jepsen.bench;

import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * A line of the table.
 *
 * @param name what the option {@code --rows} calls it
 * @param alike whether it is measured again in each round; else once, at the end
 */
record Row(String name, boolean alike, Measurement measurement) {

  /** What a measurement works on. */
  record Target(EtcdClients clients, ServerGroup group, Duration warmUp, Duration time) {}

  /** Measures one system once. */
  interface Measurement {
    Sample measure(Target target);
  }

  /** What came out. */
  sealed interface Sample {

    /**
     * Times of single requests.
     *
     * @param times in microseconds
     * @param seconds for how long it was measured
     */
    record Times(Histogram times, long errors, double seconds) implements Sample {}

    /** One figure for each server. */
    record Amounts(String unit, List<Double> each) implements Sample {

      /** Copies the list. */
      public Amounts {
        each = List.copyOf(each);
      }
    }
  }
}
