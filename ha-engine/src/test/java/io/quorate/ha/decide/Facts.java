package io.quorate.ha.decide;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.ControlFacts.ClusterState;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.OperationResult;
import io.quorate.store.Revision;
import io.quorate.store.StoreStatus;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An observation under construction. As made, it is the quiet case: db1 is primary of epoch 10 on
 * timeline 1, and this member, db2, streams from it; db3 does too. Fields are set one by one.
 */
final class Facts {

  static final MemberName DB1 = new MemberName("db1");
  static final MemberName DB2 = new MemberName("db2");
  static final MemberName DB3 = new MemberName("db3");
  static final long SYSTEM = 7000;
  static final Lsn HERE = Lsn.parse("0/3000000");
  static final Instant STARTED = Instant.parse("2026-11-22T12:00:00Z");
  static final int VERSION = 150018;

  BootTime now = new BootTime(Duration.ofSeconds(1000).toNanos());
  MemberName self = DB2;
  MemberTags tags = MemberTags.NONE;
  Observation.RejoinPolicy rejoin = new Observation.RejoinPolicy(true, false, false);
  StopRequest stop = StopRequest.NONE;
  Optional<BootTime> stopAskedAt = Optional.empty();
  DataId nextDataId = dataId("f");
  ClusterSettings settings = ClusterSettings.defaults();

  // What the store says.
  boolean viewKnown = true;
  long revision = 50;
  ClusterView.Initialize initialize = new ClusterView.Initialize.Complete(SYSTEM);
  Optional<ClusterView.Leader> leader =
      Optional.of(new ClusterView.Leader(DB1, new Epoch(10), 110));
  Optional<EpochRecord> lastEpoch =
      Optional.of(
          new EpochRecord(
              new Epoch(10),
              DB1,
              dataId("1"),
              TimelineId.FIRST,
              new SyncRecord.Async(),
              EpochRecord.Cause.BOOTSTRAP));
  final SortedMap<MemberName, MemberInfo> members = new TreeMap<>();
  final SortedMap<MemberName, Pledge> pledges = new TreeMap<>();
  final SortedMap<MemberName, ClusterView.StoredDataId> dataIds = new TreeMap<>();
  final SortedMap<TimelineId, Branch> branches = new TreeMap<>();
  final SortedMap<Epoch, FailoverReport> failovers = new TreeMap<>();
  final SortedMap<String, io.quorate.ha.model.Intent> intents = new TreeMap<>();
  Optional<ClusterView.Release> release = Optional.empty();
  Optional<Lsn> published = Optional.of(HERE);
  Optional<String> storeProblem = Optional.empty();
  boolean storeLeading;
  boolean storeLeaderless;
  List<StoreStatus.Voter> voters = new ArrayList<>();

  // What is here.
  PostgresStatus postgres =
      standby(new Upstream.Following(DB1, new Epoch(10)), Optional.of(dataId("2")));
  EndOfWal wal = new EndOfWal(TimelineId.FIRST, HERE);
  long system = SYSTEM;
  Optional<BootTime> unresponsiveSince = Optional.empty();
  Optional<BootTime> startingSince = Optional.empty();
  Optional<Epoch> hung = Optional.empty();
  NodeState durable =
      new NodeState(
              Optional.of(dataId("2")), new Epoch(9), Optional.empty(), List.of(), Optional.empty())
          .asStandby();

  // What the loop remembers.
  Hold hold = new Hold.NotHeld();
  long pendingLease;
  boolean guardianArmed;
  boolean viewConfirmed;
  boolean leaderSeen = true;
  Optional<BootTime> leaderAbsentSince = Optional.empty();
  Optional<BootTime> pledgesChangedAt = Optional.empty();
  Optional<FrozenWal> frozen = Optional.empty();
  Optional<FrozenWal> caughtUp = Optional.empty();
  Optional<String> prepared = Optional.empty();
  Optional<EndOfWal> stoppedEnd = Optional.empty();
  Optional<OperationResult.Promoted> promoted = Optional.empty();
  Optional<Epoch> rewoundTo = Optional.empty();
  Optional<FailoverReport.Loss> loss = Optional.empty();
  Optional<Observation.Busy> busy = Optional.empty();
  Optional<OperationFailure> failure = Optional.empty();
  final SortedMap<MemberName, Boolean> peers = new TreeMap<>();
  List<BootTime> recentFailovers = List.of();
  Optional<BootTime> checkpointAt = Optional.empty();
  Optional<Observation.Reloaded> reloaded = Optional.empty();
  final SortedMap<String, BootTime> intentSince = new TreeMap<>();
  final SortedMap<MemberName, BootTime> memberGoneSince = new TreeMap<>();
  Instant wall = Instant.parse("2030-01-01T00:00:00Z");

  /** The action {@code Exit} was taken; no part of an observation. */
  boolean exited;

  Facts() {
    branches.put(
        TimelineId.FIRST,
        new Branch(new Epoch(10), TimelineId.FIRST, TimelineId.FIRST, Lsn.INVALID));
    int number = 1;
    for (MemberName name : List.of(DB1, DB2, DB3)) {
      DataId id = dataId(Integer.toString(number++));
      members.put(name, member(name, PatroniState.RUNNING, Optional.of(id)));
      dataIds.put(name, new ClusterView.StoredDataId(id, 10 + number));
      voters.add(new StoreStatus.Voter(name.value(), name + ":2380", true));
    }
  }

  /** 16 digits, of which only the last ones matter. */
  static DataId dataId(String tail) {
    return new DataId("0".repeat(16 - tail.length()) + tail);
  }

  static MemberInfo member(MemberName name, PatroniState state, Optional<DataId> dataId) {
    return new MemberInfo(
        name,
        "run-" + name,
        name + ".example",
        5432,
        "http://" + name + ".example:8008/patroni",
        name + ".example:2380",
        state,
        PatroniRole.REPLICA,
        "1",
        MemberTags.NONE,
        state == PatroniState.RUNNING,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        dataId,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  static MemberInfo witness(MemberName name) {
    return new MemberInfo(
        name,
        "run-" + name,
        name + ".example",
        0,
        "http://" + name + ".example:8008/patroni",
        name + ".example:2380",
        PatroniState.RUNNING,
        PatroniRole.WITNESS,
        "1",
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
        Optional.empty());
  }

  static PostgresStatus.Standby standby(Upstream upstream, Optional<DataId> dataId) {
    boolean follows = upstream instanceof Upstream.Following;
    return new PostgresStatus.Standby(
        SYSTEM,
        dataId,
        VERSION,
        STARTED,
        upstream,
        follows,
        follows ? Optional.of(TimelineId.FIRST) : Optional.empty(),
        Optional.empty(),
        HERE,
        Optional.empty(),
        false);
  }

  /** No cluster was made yet, and nothing is here. */
  void forgetCluster() {
    initialize = new ClusterView.Initialize.Absent();
    lastEpoch = Optional.empty();
    dataIds.clear();
    branches.clear();
    published = Optional.empty();
    members.replaceAll((name, _) -> member(name, PatroniState.UNKNOWN, Optional.empty()));
    postgres = new PostgresStatus.NoData();
    durable = NodeState.EMPTY;
    leaderSeen = false;
    leader(Optional.empty());
  }

  /** The leader key appears, changes hands or vanishes; the loop forgets what hung on it. */
  void leader(Optional<ClusterView.Leader> next) {
    leader = next;
    if (next.isPresent()) {
      leaderSeen = true;
      leaderAbsentSince = Optional.empty();
      pledgesChangedAt = Optional.empty();
      viewConfirmed = false;
      peers.clear();
    } else if (leaderAbsentSince.isEmpty()) {
      leaderAbsentSince = Optional.of(now);
      viewConfirmed = false;
      peers.clear();
    }
  }

  /** PostgreSQL is seen in another state. */
  void postgres(PostgresStatus next) {
    postgres = next;
    unresponsiveSince =
        next instanceof PostgresStatus.Unresponsive
            ? unresponsiveSince.or(() -> Optional.of(now))
            : Optional.empty();
    startingSince =
        next instanceof PostgresStatus.Starting
            ? startingSince.or(() -> Optional.of(now))
            : Optional.empty();
  }

  /** No process of the instance lives. */
  void stopped(ClusterState state, Optional<DataId> dataId, boolean standbySignal) {
    postgres(
        new PostgresStatus.Stopped(
            new io.quorate.ha.model.ControlFacts(system, state, wal.timeline(), wal.lsn()),
            dataId,
            standbySignal));
  }

  /** PostgreSQL runs in recovery. */
  void runsAsStandby(Upstream upstream, Optional<DataId> dataId) {
    boolean follows = upstream instanceof Upstream.Following;
    postgres(
        new PostgresStatus.Standby(
            system,
            dataId,
            VERSION,
            STARTED,
            upstream,
            follows,
            follows ? Optional.of(wal.timeline()) : Optional.empty(),
            Optional.empty(),
            wal.lsn(),
            Optional.empty(),
            false));
  }

  /** It runs in recovery and replays no more. */
  void replaysNoMore(String why) {
    PostgresStatus.Standby s = (PostgresStatus.Standby) postgres;
    postgres(
        new PostgresStatus.Standby(
            s.systemIdentifier(),
            s.dataId(),
            s.serverVersion(),
            s.postmasterStart(),
            s.upstream(),
            s.streaming(),
            s.receiverTimeline(),
            s.receive(),
            s.replay(),
            s.replayedAt(),
            true,
            s.pendingRestart(),
            s.receiverProblem(),
            Optional.of(why)));
  }

  /** PostgreSQL runs and is writable. */
  void runsAsPrimary(Optional<DataId> dataId, List<PostgresStatus.Slot> slots) {
    postgres(
        new PostgresStatus.Primary(
            system, dataId, VERSION, STARTED, wal.timeline(), wal.lsn(), List.of(), slots));
  }

  /** Id of the directory, whatever runs in it. */
  Optional<DataId> directory() {
    return DirectoryFacts.dataId(postgres);
  }

  /** A member says that it is attached to {@code epoch}. */
  void attached(MemberName name, Epoch epoch) {
    members.computeIfPresent(name, (_, member) -> ViewFacts.attached(member, epoch));
  }

  /** A wish as it stands in the store from now on. */
  void intent(io.quorate.ha.model.Intent intent) {
    String slot = intent.wish().slot();
    io.quorate.ha.model.Intent before = intents.get(slot);
    if (before == null || before.progress().state() != intent.progress().state()) {
      intentSince.put(slot, now);
    }
    intents.put(slot, intent.at(nextRevision()));
  }

  /** The next write of the store. */
  long nextRevision() {
    return ++revision;
  }

  /** Adds or replaces a pledge for the round under way. */
  void pledge(MemberName member, EndOfWal end, @Nullable DataId dataId) {
    ClusterView.StoredDataId stored = dataIds.get(member);
    DataId own = dataId != null ? dataId : stored != null ? stored.dataId() : dataId("0");
    pledgesChangedAt = Optional.of(now);
    pledges.put(
        member,
        new Pledge(
            member,
            lastEpoch.map(EpochRecord::epoch).orElse(Epoch.NONE),
            own,
            end,
            end.lsn(),
            1,
            true,
            nextRevision()));
  }

  /** A pledge of this member arrives in the store. */
  void pledge(Pledge pledge) {
    pledgesChangedAt = Optional.of(now);
    pledges.put(pledge.member(), pledge);
  }

  ClusterView view() {
    return new ClusterView(
        revision,
        initialize,
        leader,
        lastEpoch,
        members,
        pledges,
        dataIds,
        branches,
        failovers,
        Optional.of(settings),
        release,
        published,
        List.of(),
        "[]",
        "{}",
        intents);
  }

  Observation observation() {
    return new Observation(
        now,
        self,
        "run-" + self,
        tags,
        rejoin,
        viewKnown ? Optional.of(view()) : Optional.empty(),
        viewConfirmed,
        leaderSeen,
        leaderAbsentSince,
        pledgesChangedAt,
        postgres,
        unresponsiveSince,
        startingSince,
        hung,
        durable,
        hold,
        pendingLease,
        guardianArmed,
        frozen,
        caughtUp,
        prepared,
        stoppedEnd,
        promoted,
        rewoundTo,
        loss,
        busy,
        failure,
        peers,
        recentFailovers,
        settings,
        new StoreStatus(
            storeLeaderless ? Optional.empty() : Optional.of("db1"),
            storeLeading,
            3,
            40,
            40,
            new Revision(revision),
            voters,
            storeProblem),
        stop,
        stopAskedAt,
        checkpointAt,
        reloaded,
        intentSince,
        memberGoneSince,
        wall,
        nextDataId);
  }
}
