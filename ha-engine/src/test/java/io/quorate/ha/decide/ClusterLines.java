package io.quorate.ha.decide;

import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.model.TimelineId;
import io.quorate.store.StoreStatus;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Lines about the cluster as the store tells it, the settings, the clock, and the operator. */
final class ClusterLines {

  private ClusterLines() {}

  /** Whether {@code word} begins such a line; if so the line was taken. */
  static boolean take(Facts f, String word, Words words) {
    switch (word) {
      case "self" -> f.self = words.member();
      case "after" -> f.now = f.now.plus(words.duration());
      case "tags" -> tags(f, words);
      case "setting" -> setting(f, words);
      case "rejoin" -> rejoin(f, words);
      case "stop" -> {
        f.stop = StopRequest.valueOf(words.next().toUpperCase(Locale.ROOT));
        f.stopAskedAt = Optional.of(f.now);
      }
      case "next-data" -> f.nextDataId = words.dataId();
      case "store" -> store(f, words);
      case "cluster" -> {
        words.expect("new");
        f.forgetCluster();
      }
      case "initialize" -> initialize(f, words);
      case "leader" -> leader(f, words);
      case "epoch" -> epoch(f, words);
      case "record" -> record(f, words);
      case "branch" -> branch(f, words);
      case "pledge" -> pledge(f, words);
      case "member" -> member(f, words);
      case "stored" -> {
        MemberName name = words.member();
        words
            .optionalDataId()
            .ifPresentOrElse(
                id -> f.dataIds.put(name, new ClusterView.StoredDataId(id, f.nextRevision())),
                () -> f.dataIds.remove(name));
      }
      case "release" -> {
        Epoch epoch = words.epoch();
        boolean planned = words.skip("planned");
        f.release = Optional.of(new ClusterView.Release(epoch, words.next(), planned));
      }
      case "published" -> f.published = Optional.of(words.lsn());
      case "report" -> report(f, words);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void tags(Facts f, Words words) {
    String tag = words.next();
    f.tags =
        switch (tag) {
          case "none" -> MemberTags.NONE;
          case "nofailover" -> new MemberTags(true, 1, new TreeMap<>());
          case "priority" -> new MemberTags(false, words.number(), new TreeMap<>());
          default -> throw words.unknown(tag);
        };
  }

  private static void setting(Facts f, Words words) {
    ClusterSettings s = f.settings;
    String name = words.next();
    TreeMap<String, String> parameters = new TreeMap<>(s.parameters());
    long maximumLag = s.maximumLagOnFailover();
    int limit = s.failoverLimit();
    Duration window = s.failoverWindow();
    boolean slots = s.useSlots();
    Duration slotsTtl = s.memberSlotsTtl();
    boolean pause = s.pause();
    Duration startTimeout = s.primaryStartTimeout();
    Duration unresponsive = s.primaryUnresponsiveTimeout();
    switch (name) {
      case "maximum_lag_on_failover" -> maximumLag = words.number();
      case "failover_limit" -> limit = words.number();
      case "failover_window" -> window = words.duration();
      case "use_slots" -> slots = words.flag();
      case "member_slots_ttl" -> slotsTtl = words.duration();
      case "primary_start_timeout" -> startTimeout = words.duration();
      case "primary_unresponsive_timeout" -> unresponsive = words.duration();
      case "pause" -> pause = words.flag();
      case "parameter" -> parameters.put(words.next(), words.next());
      default -> throw words.unknown(name);
    }
    f.settings =
        new ClusterSettings(
            s.timings(),
            maximumLag,
            startTimeout,
            unresponsive,
            limit,
            window,
            slots,
            slotsTtl,
            pause,
            parameters);
  }

  private static void rejoin(Facts f, Words words) {
    boolean rewind = f.rejoin.rewind();
    boolean failed = f.rejoin.rebuildAfterFailedRewind();
    boolean diverged = f.rejoin.rebuildWhenDiverged();
    while (words.more()) {
      String what = words.next();
      switch (what) {
        case "rewind" -> rewind = words.flag();
        case "rebuild-after-failed-rewind" -> failed = words.flag();
        case "rebuild-when-diverged" -> diverged = words.flag();
        default -> throw words.unknown(what);
      }
    }
    f.rejoin = new Observation.RejoinPolicy(rewind, failed, diverged);
  }

  private static void store(Facts f, Words words) {
    String what = words.next();
    switch (what) {
      case "answers" -> {
        f.viewKnown = true;
        f.storeProblem = Optional.empty();
      }
      case "silent" -> {
        f.viewKnown = false;
        f.storeProblem = words.more() ? Optional.of(words.next()) : Optional.empty();
      }
      case "led-here" -> f.storeLeading = true;
      case "led-elsewhere" -> {
        f.storeLeading = false;
        f.storeLeaderless = false;
      }
      case "leaderless" -> {
        f.storeLeading = false;
        f.storeLeaderless = true;
      }
      case "without" -> {
        String removed = words.next();
        f.voters.removeIf(v -> v.name().equals(removed));
      }
      case "unreachable" -> {
        String lost = words.next();
        f.voters.replaceAll(v ->
            new StoreStatus.Voter(v.name(), v.address(), v.reachable() && !v.name().equals(lost)));
      }
      default -> throw words.unknown(what);
    }
  }

  private static void initialize(Facts f, Words words) {
    String what = words.next();
    f.initialize =
        switch (what) {
          case "absent" -> new ClusterView.Initialize.Absent();
          case "by" -> new ClusterView.Initialize.InProgress(words.member());
          case "complete" -> new ClusterView.Initialize.Complete(words.number());
          default -> throw words.unknown(what);
        };
  }

  private static void leader(Facts f, Words words) {
    if (words.skip("none")) {
      f.leader(Optional.empty());
      return;
    }
    MemberName holder = words.member();
    Epoch epoch = words.epoch();
    long lease = words.skip("lease") ? words.number() : 100 + epoch.value();
    f.leader(Optional.of(new ClusterView.Leader(holder, epoch, lease)));
  }

  /** {@code epoch 20 db2 timeline 2 [data 2] [cause released]}: somebody acquired. */
  private static void epoch(Facts f, Words words) {
    if (words.skip("none")) {
      f.lastEpoch = Optional.empty();
      return;
    }
    Epoch epoch = words.epoch();
    MemberName holder = words.member();
    words.expect("timeline");
    TimelineId timeline = words.timeline();
    DataId dataId =
        words.skip("data")
            ? words.dataId()
            : Optional.ofNullable(f.dataIds.get(holder))
                .map(ClusterView.StoredDataId::dataId)
                .orElseThrow();
    EpochRecord.Cause cause =
        words.skip("cause")
            ? EpochRecord.Cause.valueOf(words.next().toUpperCase(Locale.ROOT))
            : EpochRecord.Cause.LEASE_EXPIRED;
    SyncRecord sync = f.lastEpoch.map(EpochRecord::sync).orElseGet(SyncRecord.Async::new);
    f.lastEpoch = Optional.of(new EpochRecord(epoch, holder, dataId, timeline, sync, cause));
    f.revision = Math.max(f.revision, epoch.value());
  }

  /** {@code record async}, {@code record alone}, {@code record any 1 of db2 db3}. */
  private static void record(Facts f, Words words) {
    String kind = words.next();
    SyncRecord sync =
        switch (kind) {
          case "async" -> new SyncRecord.Async();
          case "alone" -> new SyncRecord.Quorum(new TreeMap<>(), 0);
          case "any" -> {
            int k = words.number();
            words.expect("of");
            TreeMap<MemberName, DataId> voters = new TreeMap<>();
            while (words.more()) {
              MemberName name = words.member();
              voters.put(name, Objects.requireNonNull(f.dataIds.get(name)).dataId());
            }
            yield new SyncRecord.Quorum(voters, k);
          }
          default -> throw words.unknown(kind);
        };
    EpochRecord e = f.lastEpoch.orElseThrow();
    f.lastEpoch =
        Optional.of(
            new EpochRecord(e.epoch(), e.holder(), e.dataId(), e.timeline(), sync, e.cause()));
  }

  /** {@code branch 2 off 0/3000000 on 1 epoch 20}, {@code branch 1 none}. */
  private static void branch(Facts f, Words words) {
    TimelineId timeline = words.timeline();
    if (words.skip("none")) {
      f.branches.remove(timeline);
      return;
    }
    words.expect("off");
    EndOfWal from = words.endOfWal();
    words.expect("epoch");
    f.branches.put(timeline, new Branch(words.epoch(), timeline, from.timeline(), from.lsn()));
  }

  /** {@code pledge db3 0/3000000 on 1 [data 3] [round 10] [priority 2] [nofailover]}. */
  private static void pledge(Facts f, Words words) {
    MemberName member = words.member();
    if (words.skip("none")) {
      f.pledges.remove(member);
      return;
    }
    EndOfWal end = words.endOfWal();
    f.pledge(member, end, words.skip("data") ? words.dataId() : null);
    while (words.more()) {
      Pledge p = Objects.requireNonNull(f.pledges.get(member));
      String what = words.next();
      f.pledges.put(
          member,
          switch (what) {
            case "round" -> with(p, words.epoch(), p.replay(), p.priority(), p.mayBePrimary());
            case "replayed" -> with(p, p.round(), words.lsn(), p.priority(), p.mayBePrimary());
            case "priority" -> with(p, p.round(), p.replay(), words.number(), p.mayBePrimary());
            case "nofailover" -> with(p, p.round(), p.replay(), p.priority(), false);
            default -> throw words.unknown(what);
          });
    }
  }

  private static Pledge with(Pledge p, Epoch round, Lsn replay, int priority, boolean may) {
    return new Pledge(p.member(), round, p.dataId(), p.end(), replay, priority, may, p.revision());
  }

  /**
   * {@code member db3 gone}, {@code member db3 witness}, {@code member db3 creating_replica [data
   * none]}.
   */
  private static void member(Facts f, Words words) {
    MemberName name = words.member();
    String state = words.next();
    if (state.equals("gone")) {
      f.members.remove(name);
      f.memberGoneSince.put(name, f.now);
      return;
    }
    f.memberGoneSince.remove(name);
    if (state.equals("witness")) {
      f.members.put(name, Facts.witness(name));
      return;
    }
    Optional<DataId> dataId =
        words.skip("data")
            ? words.optionalDataId()
            : Optional.ofNullable(f.dataIds.get(name)).map(ClusterView.StoredDataId::dataId);
    f.members.put(
        name, Facts.member(name, PatroniState.valueOf(state.toUpperCase(Locale.ROOT)), dataId));
  }

  /** {@code report 20 from db1 to db2 lost unknown}. */
  private static void report(Facts f, Words words) {
    Epoch epoch = words.epoch();
    words.expect("from");
    MemberName old = words.member();
    words.expect("to");
    MemberName next = words.member();
    words.expect("lost");
    f.failovers.put(
        epoch,
        new FailoverReport(
            epoch,
            "the lease of " + old + " ran out",
            "2026-11-22T12:00:00Z",
            Optional.of(old),
            next,
            TimelineId.FIRST,
            new TimelineId(2),
            Facts.HERE,
            new TreeMap<>(),
            LocalLines.loss(words).orElseThrow()));
  }
}
