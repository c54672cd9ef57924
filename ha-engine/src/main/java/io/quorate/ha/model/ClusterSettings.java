package io.quorate.ha.model;

import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The cluster-wide dynamic configuration (key {@code config}), the part interpreted here.
 *
 * @param maximumLagOnFailover bytes; a candidate further behind the last published position of the
 *     primary does not stand
 * @param primaryStartTimeout how long a restart in place may take before the key is given back
 * @param primaryUnresponsiveTimeout how long a primary that runs may answer nothing, or flush no
 *     WAL that there is to flush, before it is ended and the key given back
 * @param failoverLimit at most so many automatic failovers ...
 * @param failoverWindow ... within this time; then hold, and say so
 * @param memberSlotsTtl how long the slot of a member that is gone is kept
 * @param parameters PostgreSQL parameters of the whole cluster
 */
public record ClusterSettings(
    HaTimings timings,
    long maximumLagOnFailover,
    Duration primaryStartTimeout,
    Duration primaryUnresponsiveTimeout,
    int failoverLimit,
    Duration failoverWindow,
    boolean useSlots,
    Duration memberSlotsTtl,
    boolean pause,
    SortedMap<String, String> parameters) {

  /** Copies the map. */
  public ClusterSettings {
    parameters = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }

  /** Defaults, with the {@code lan} profile. */
  public static ClusterSettings defaults() {
    return new ClusterSettings(
        HaTimings.lan(),
        1_048_576,
        HaTimings.PRIMARY_START_TIMEOUT,
        HaTimings.PRIMARY_UNRESPONSIVE_TIMEOUT,
        10,
        HaTimings.FAILOVER_WINDOW,
        true,
        HaTimings.MEMBER_SLOTS_TTL,
        false,
        new TreeMap<>(Map.of()));
  }
}
