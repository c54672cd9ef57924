package io.quorate.ha.model;

import io.quorate.store.StoreStatus;
import io.quorate.time.BootTime;
import java.time.Instant;
import java.util.Optional;

/**
 * All that a member shows of itself and of the cluster, published by the loop as one immutable
 * value; REST, gRPC and metrics read nothing else.
 *
 * @param publishedAt boot time of publication
 * @param viewAt boot time at which the view was last known to be current with the store
 * @param seenAt wall time of the same, for people
 * @param holdUntil this member's own deadline as primary; present only while it holds
 * @param writable PostgreSQL here is a writable primary of the epoch held
 * @param situation stable name of the situation the engine is in
 * @param reason the sentence behind the last decision
 * @param operation what is being done, e.g. {@code clone}
 */
public record NodeSnapshot(
    String scope,
    MemberName name,
    String version,
    MemberTags tags,
    BootTime publishedAt,
    Optional<BootTime> viewAt,
    Optional<Instant> seenAt,
    PostgresStatus postgres,
    PatroniState state,
    PatroniRole role,
    Optional<Epoch> epoch,
    Optional<BootTime> holdUntil,
    boolean writable,
    boolean guardianArmed,
    Optional<ClusterView> cluster,
    StoreStatus store,
    ClusterSettings settings,
    String situation,
    String reason,
    Optional<String> operation) {}
