package io.quorate.rpc.rest;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What health checks ask, read from a snapshot at one time.
 *
 * @param fresh the engine published not long ago: what it says of PostgreSQL still counts
 * @param primary PostgreSQL here is writable, under a hold that is good now
 * @param replica PostgreSQL here runs in recovery
 * @param running PostgreSQL here answers
 * @param viewKnown the view of the cluster is not older than a lease
 * @param synchronous named as synchronous standby by priority
 * @param quorum named as synchronous standby by quorum
 * @param clusterEnd the furthest position known in the cluster; empty when none is
 * @param alive the engine's loop turns
 */
record HealthFacts(
    boolean fresh,
    boolean primary,
    boolean replica,
    boolean running,
    boolean streaming,
    boolean viewKnown,
    boolean synchronous,
    boolean quorum,
    boolean alive,
    Optional<Lsn> received,
    Optional<Lsn> replayed,
    Optional<Lsn> clusterEnd,
    long maximumLag,
    Map<String, String> tags) {

  /** Copies the map. */
  HealthFacts {
    tags = Map.copyOf(tags);
  }

  /** How many publication intervals a snapshot counts for. */
  private static final int FRESH_INTERVALS = 3;

  /** Reads {@code snapshot} as of {@code now}. */
  static HealthFacts of(NodeSnapshot snapshot, BootTime now) {
    HaTimings timings = snapshot.settings().timings();
    Duration age = snapshot.publishedAt().until(now);
    boolean fresh = age.compareTo(timings.statusEvery().multipliedBy(FRESH_INTERVALS)) <= 0;
    Optional<PostgresStatus.Standby> standby =
        snapshot.postgres() instanceof PostgresStatus.Standby s ? Optional.of(s) : Optional.empty();
    boolean answers = snapshot.postgres() instanceof PostgresStatus.Primary || standby.isPresent();
    boolean running = fresh && answers && snapshot.state() == PatroniState.RUNNING;
    boolean primary =
        fresh
            && snapshot.writable()
            && snapshot.holdUntil().filter(until -> now.isBefore(until)).isPresent();
    Duration patience = primary ? timings.ttl() : timings.ttl().multipliedBy(2);
    return new HealthFacts(
        fresh,
        primary,
        standby.isPresent(),
        running,
        standby.filter(PostgresStatus.Standby::streaming).isPresent(),
        Views.isKnown(snapshot, now),
        false,
        standby.isPresent() && Views.inQuorum(snapshot),
        age.compareTo(timings.statusEvery().plus(patience)) < 0,
        standby.flatMap(PostgresStatus.Standby::receive),
        standby.map(PostgresStatus.Standby::replay),
        furthest(
            snapshot.cluster().flatMap(ClusterView::published),
            standby.flatMap(PostgresStatus.Standby::receive)),
        snapshot.settings().maximumLagOnFailover(),
        snapshot.tags().all());
  }

  private static Optional<Lsn> furthest(Optional<Lsn> one, Optional<Lsn> other) {
    return one.map(lsn -> other.map(lsn::max).orElse(lsn)).or(() -> other);
  }

  /** Whether a load balancer was asked to leave this member out. */
  boolean noLoadBalance() {
    return "true".equals(tags.get("noloadbalance"));
  }
}
