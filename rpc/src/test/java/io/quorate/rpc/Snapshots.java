package io.quorate.rpc;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.store.Revision;
import io.quorate.store.StoreStatus;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** Snapshots for tests: one cluster of a primary a and a standby b, seen by either. */
public final class Snapshots {

  /** When they are published. */
  public static final BootTime AT = new BootTime(1_000_000_000_000L);

  public static final MemberName A = new MemberName("a");
  public static final MemberName B = new MemberName("b");
  public static final long SYSTEM = 7711056875852361249L;
  private static final Instant STARTED = Instant.parse("2026-11-22T17:59:37.915160Z");

  private static final MemberName C = new MemberName("c");

  private Snapshots() {}

  /** What a standby looks like. */
  public static PostgresStatus.Standby standbyStatus() {
    return new PostgresStatus.Standby(
        SYSTEM,
        Optional.empty(),
        150_018,
        STARTED,
        new Upstream.Unknown(),
        true,
        Optional.of(TimelineId.FIRST),
        Optional.of(new Lsn(67_108_960)),
        new Lsn(67_108_960),
        Optional.empty(),
        false);
  }

  /** What a primary with one standby looks like. */
  public static PostgresStatus.Primary primaryStatus() {
    return new PostgresStatus.Primary(
        SYSTEM,
        Optional.empty(),
        150_018,
        STARTED,
        TimelineId.FIRST,
        new Lsn(67_108_960),
        List.of(
            new PostgresStatus.Replication(
                "b_1_x",
                "replicator",
                "127.0.0.1",
                "streaming",
                Optional.of(new Lsn(67_108_960)),
                Optional.of(new Lsn(67_108_960)),
                "async",
                0)),
        List.of(new PostgresStatus.Slot("b", true, false, 0, OptionalLong.of(1 << 30))));
  }

  /** As the primary, which holds until {@code heldFor} after {@link #AT}. */
  public static NodeSnapshot primary(Duration heldFor) {
    return of(A, primaryStatus(), PatroniRole.PRIMARY, true, Optional.of(AT.plus(heldFor)));
  }

  /** As the standby. */
  public static NodeSnapshot standby() {
    return of(B, standbyStatus(), PatroniRole.REPLICA, false, Optional.empty());
  }

  /** As a member without PostgreSQL. */
  public static NodeSnapshot witness() {
    NodeSnapshot s = of(C, new PostgresStatus.None(), PatroniRole.WITNESS, false, Optional.empty());
    ClusterView view = s.cluster().orElseThrow();
    SortedMap<MemberName, MemberInfo> members = new TreeMap<>(view.members());
    members.put(
        C,
        new MemberInfo(
            C,
            "run",
            "127.0.0.1",
            0,
            "http://127.0.0.1:8008/patroni",
            "127.0.0.1:8009",
            PatroniState.RUNNING,
            PatroniRole.WITNESS,
            "0.1.0-SNAPSHOT",
            MemberTags.NONE,
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty()));
    return withView(
        s,
        new ClusterView(
            view.revision(),
            view.initialize(),
            view.leader(),
            view.lastEpoch(),
            members,
            view.pledges(),
            view.dataIds(),
            view.branches(),
            view.failovers(),
            view.settings(),
            view.release(),
            view.published(),
            view.stopAsked(),
            view.historyJson(),
            view.configJson(),
            view.intents()));
  }

  /** Anything. */
  public static NodeSnapshot of(
      MemberName name,
      PostgresStatus postgres,
      PatroniRole role,
      boolean writable,
      Optional<BootTime> holdUntil) {
    SortedMap<String, String> tags = new TreeMap<>(Map.of("rack", "r1"));
    return new NodeSnapshot(
        "demo",
        name,
        "0.1.0-SNAPSHOT",
        new MemberTags(false, 1, tags),
        AT,
        Optional.of(AT),
        Optional.of(Instant.ofEpochSecond(1_795_370_416)),
        postgres,
        postgres instanceof PostgresStatus.NoData ? PatroniState.STOPPED : PatroniState.RUNNING,
        role,
        holdUntil.map(_ -> new Epoch(7)),
        holdUntil,
        writable,
        writable,
        Optional.of(view()),
        store(),
        ClusterSettings.defaults(),
        "following",
        "follows a, the primary of epoch 7",
        Optional.empty());
  }

  private static ClusterView view() {
    SortedMap<MemberName, MemberInfo> members = new TreeMap<>();
    members.put(A, member(A, 19_100, PatroniRole.PRIMARY));
    members.put(B, member(B, 19_101, PatroniRole.REPLICA));
    SortedMap<Epoch, FailoverReport> failovers = new TreeMap<>();
    failovers.put(new Epoch(7), report());
    return new ClusterView(
        42,
        new ClusterView.Initialize.Complete(SYSTEM),
        Optional.of(new ClusterView.Leader(A, new Epoch(7), 5)),
        Optional.empty(),
        members,
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<TimelineId, Branch>(),
        failovers,
        Optional.of(ClusterSettings.defaults()),
        Optional.empty(),
        Optional.of(new Lsn(67_108_960)),
        List.of(),
        "[[1,67108960,\"no recovery target specified\",\"2026-11-22T18:00:00+00:00\",\"a\"]]",
        "{\"profile\":\"lan\",\"ttl\":3}",
        new TreeMap<>());
  }

  private static FailoverReport report() {
    return new FailoverReport(
        new Epoch(7),
        "the lease of c ended",
        "2026-11-22T18:00:00Z",
        Optional.of(new MemberName("c")),
        A,
        TimelineId.FIRST,
        new TimelineId(2),
        new Lsn(67_108_864),
        new TreeMap<>(Map.of("acquired", 12L, "writable", 61L)),
        new FailoverReport.Loss.Range(
            new Lsn(67_108_864), new Lsn(67_109_000), 3, Optional.of("/kept")));
  }

  /** A member as it publishes itself. */
  public static MemberInfo member(MemberName name, int port, PatroniRole role) {
    boolean primary = role == PatroniRole.PRIMARY;
    return new MemberInfo(
        name,
        "run",
        "127.0.0.1",
        port,
        "http://127.0.0.1:" + (port + 100) + "/patroni",
        "127.0.0.1:" + (port + 200),
        PatroniState.RUNNING,
        role,
        "0.1.0-SNAPSHOT",
        new MemberTags(false, 1, new TreeMap<>(Map.of("rack", primary ? "r0" : "r1"))),
        !primary,
        Optional.of(TimelineId.FIRST),
        Optional.of(new Lsn(67_108_960)),
        primary ? Optional.empty() : Optional.of(new Lsn(67_108_960)),
        primary ? Optional.empty() : Optional.of(new Lsn(64_000_000)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  private static StoreStatus store() {
    return new StoreStatus(
        Optional.of("b"),
        false,
        4,
        100,
        99,
        new Revision(42),
        List.of(
            new StoreStatus.Voter("a", "127.0.0.1:1", true),
            new StoreStatus.Voter("b", "127.0.0.1:2", true)),
        Optional.empty());
  }

  /** The same with these tags. */
  public static NodeSnapshot withTags(NodeSnapshot s, Map<String, String> tags) {
    return new NodeSnapshot(
        s.scope(),
        s.name(),
        s.version(),
        new MemberTags(false, 1, new TreeMap<>(tags)),
        s.publishedAt(),
        s.viewAt(),
        s.seenAt(),
        s.postgres(),
        s.state(),
        s.role(),
        s.epoch(),
        s.holdUntil(),
        s.writable(),
        s.guardianArmed(),
        s.cluster(),
        s.store(),
        s.settings(),
        s.situation(),
        s.reason(),
        s.operation());
  }

  /** The same in another state. */
  public static NodeSnapshot withState(NodeSnapshot s, PatroniState state) {
    return new NodeSnapshot(
        s.scope(),
        s.name(),
        s.version(),
        s.tags(),
        s.publishedAt(),
        s.viewAt(),
        s.seenAt(),
        s.postgres(),
        state,
        s.role(),
        s.epoch(),
        s.holdUntil(),
        s.writable(),
        s.guardianArmed(),
        s.cluster(),
        s.store(),
        s.settings(),
        s.situation(),
        s.reason(),
        s.operation());
  }

  /** The same with another view of the cluster. */
  public static NodeSnapshot withView(NodeSnapshot s, ClusterView view) {
    return new NodeSnapshot(
        s.scope(),
        s.name(),
        s.version(),
        s.tags(),
        s.publishedAt(),
        s.viewAt(),
        s.seenAt(),
        s.postgres(),
        s.state(),
        s.role(),
        s.epoch(),
        s.holdUntil(),
        s.writable(),
        s.guardianArmed(),
        Optional.of(view),
        s.store(),
        view.settings().orElse(s.settings()),
        s.situation(),
        s.reason(),
        s.operation());
  }

  /** The same, where the store looks like this. */
  public static NodeSnapshot withStore(NodeSnapshot s, StoreStatus store) {
    return new NodeSnapshot(
        s.scope(),
        s.name(),
        s.version(),
        s.tags(),
        s.publishedAt(),
        s.viewAt(),
        s.seenAt(),
        s.postgres(),
        s.state(),
        s.role(),
        s.epoch(),
        s.holdUntil(),
        s.writable(),
        s.guardianArmed(),
        s.cluster(),
        store,
        s.settings(),
        s.situation(),
        s.reason(),
        s.operation());
  }
}
