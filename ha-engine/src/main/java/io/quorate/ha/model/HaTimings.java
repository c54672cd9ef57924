package io.quorate.ha.model;

import java.time.Duration;

/**
 * All time budgets of the engine in one place.
 *
 * @param profile name of the profile these come from, or {@code custom}
 * @param ttl life of the primary's lease; a failover after a crash cannot be faster
 * @param renewEvery time between two renewals of it; at least four fit into a ttl
 * @param stopBudget how long ending PostgreSQL may take before the lease runs out elsewhere
 * @param drift bound on each clock's rate against true time, as a fraction
 * @param electionMin lower bound of the store's election timeout
 * @param electionMax upper bound of it, at least twice the lower
 * @param pledgeWindow how long an {@code async} round waits for members that are said to live
 * @param memberTtl life of a member's own lease
 * @param statusEvery how often a member samples PostgreSQL and publishes itself when nothing
 *     happens
 */
public record HaTimings(
    String profile,
    Duration ttl,
    Duration renewEvery,
    Duration stopBudget,
    double drift,
    Duration electionMin,
    Duration electionMax,
    Duration pledgeWindow,
    Duration memberTtl,
    Duration statusEvery) {

  /** Default of {@link ClusterSettings#primaryStartTimeout()}. */
  public static final Duration PRIMARY_START_TIMEOUT = Duration.ofMinutes(5);

  /** Default of {@link ClusterSettings#failoverWindow()}. */
  public static final Duration FAILOVER_WINDOW = Duration.ofMinutes(10);

  /** Default of {@link ClusterSettings#primaryUnresponsiveTimeout()}. */
  public static final Duration PRIMARY_UNRESPONSIVE_TIMEOUT = Duration.ofSeconds(7);

  /** Default of {@link ClusterSettings#memberSlotsTtl()}, as Patroni's. */
  public static final Duration MEMBER_SLOTS_TTL = Duration.ofMinutes(30);

  /** So many renewals fit into a lease that was granted under other settings. */
  private static final int RENEWALS = 6;

  /** Default bound on each clock's rate against true time: 1 %. */
  public static final double DEFAULT_DRIFT = 0.01;

  /**
   * Checks the inequalities the protocol rests on.
   *
   * @throws IllegalArgumentException naming the setting and the relation that is broken
   */
  public HaTimings {
    require(ttl.toMillis() >= 1000, "ttl must be at least 1 s, is " + ttl);
    require(
        renewEvery.multipliedBy(4).compareTo(ttl) <= 0,
        "ttl (" + ttl + ") must be at least four times the renewal interval (" + renewEvery + ")");
    require(drift >= 0 && drift < 0.2, "clock drift bound must be within 0 and 0.2, is " + drift);
    require(
        electionMin.multipliedBy(2).compareTo(electionMax) <= 0,
        "election timeout max ("
            + electionMax
            + ") must be at least twice min ("
            + electionMin
            + ")");
    require(
        usable(ttl, drift).minus(stopBudget).compareTo(electionMax.multipliedBy(2)) > 0,
        "ttl − stop budget must exceed a change of the store's leader (2 × "
            + electionMax.toMillis()
            + " ms), else losing that host costs a failover too");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  private static Duration usable(Duration ttl, double drift) {
    return Duration.ofNanos((long) (ttl.toNanos() * ((1 - drift) / (1 + drift))));
  }

  /** How long after sending a renewal its holder may believe: TTL × (1−d)/(1+d) − stop budget. */
  public Duration holdFor() {
    return holdFor(ttl);
  }

  /** The same for a lease granted for {@code lease}, which may have been under other settings. */
  public Duration holdFor(Duration lease) {
    Duration shorter = lease.compareTo(ttl) < 0 ? lease : ttl;
    return usable(shorter, drift).minus(stopBudget);
  }

  /** Time between two renewals of a lease granted for {@code lease}. */
  public Duration renewEvery(Duration lease) {
    Duration often = lease.dividedBy(RENEWALS);
    return often.compareTo(renewEvery) < 0 ? often : renewEvery;
  }

  /** Fast networks, lease 2 s. */
  public static HaTimings fast() {
    return of("fast", 2000, 250, 250, 300, 600, 300, 2000);
  }

  /** The default: one site, lease 3 s. */
  public static HaTimings lan() {
    return of("lan", 3000, 500, 400, 300, 800, 500, 3000);
  }

  /** Several sites, lease 10 s. */
  public static HaTimings wan() {
    return of("wan", 10_000, 1500, 1000, 1000, 3000, 2000, 10_000);
  }

  private static HaTimings of(
      String profile,
      int ttl,
      int renew,
      int stop,
      int electionMin,
      int electionMax,
      int window,
      int memberTtl) {
    return new HaTimings(
        profile,
        Duration.ofMillis(ttl),
        Duration.ofMillis(renew),
        Duration.ofMillis(stop),
        DEFAULT_DRIFT,
        Duration.ofMillis(electionMin),
        Duration.ofMillis(electionMax),
        Duration.ofMillis(window),
        Duration.ofMillis(memberTtl),
        Duration.ofMillis(1000));
  }
}
