package io.quorate.ha.loop;

import io.quorate.ha.decide.Acquisition;
import io.quorate.ha.decide.FrozenWal;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.decide.OperationFailure;
import io.quorate.ha.decide.StopRequest;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.Wish;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.store.LeaseId;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the loop remembers between two observations. Belongs to the loop; nothing here is durable.
 */
final class LoopMemory {

  private static final int FAILOVERS_REMEMBERED = 64;
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(5);
  private static final Duration BACKOFF_FIRST = Duration.ofMillis(200);
  private static final int BACKOFF_DOUBLINGS = 5;

  NodeState durable;
  PostgresStatus postgres = new PostgresStatus.Unobserved();
  Optional<BootTime> unresponsiveSince = Optional.empty();
  Optional<BootTime> startingSince = Optional.empty();

  /** The epoch in which PostgreSQL was ended here because it did not answer. */
  Optional<Epoch> hung = Optional.empty();

  /** When the fence under way began. */
  Optional<BootTime> fenceBegan = Optional.empty();

  Optional<FrozenWal> frozen = Optional.empty();
  Optional<FrozenWal> caughtUp = Optional.empty();
  Optional<String> prepared = Optional.empty();
  Optional<EndOfWal> stoppedEnd = Optional.empty();
  Optional<OperationResult.Promoted> promoted = Optional.empty();
  Optional<Epoch> rewoundTo = Optional.empty();
  Optional<FailoverReport.Loss> loss = Optional.empty();
  Optional<MemberInfo.Attachment> attached = Optional.empty();
  Optional<Observation.Busy> busy = Optional.empty();
  Optional<OperationFailure> failure = Optional.empty();
  Optional<ReadyLease> readyLease = Optional.empty();
  long pendingLease;

  /** What was acquired under the pending lease, if that succeeded. */
  Optional<Acquisition> pendingAcquisition = Optional.empty();

  boolean leaderSeen;
  boolean viewConfirmed;
  Optional<BootTime> leaderAbsentSince = Optional.empty();
  Optional<BootTime> pledgesChangedAt = Optional.empty();
  Optional<BootTime> stepsBegan = Optional.empty();
  long awaitedRevision;
  StopRequest stop = StopRequest.NONE;
  Optional<BootTime> checkpointAt = Optional.empty();
  Optional<Observation.Reloaded> reloaded = Optional.empty();
  Optional<BootTime> stopAskedAt = Optional.empty();

  /** A rewind was cut off in an earlier run of the agent, and may have been complete. */
  boolean rewindCutOff;

  final TreeMap<MemberName, Boolean> peers = new TreeMap<>();

  /** When this member saw each wish reach the state in which it is. */
  final TreeMap<String, IntentSeen> intents = new TreeMap<>();

  /** Since when the agent of each member that owns a directory is gone, its slot unused. */
  final TreeMap<MemberName, BootTime> memberGoneSince = new TreeMap<>();

  /** A lease asked for at {@code sentAt}, for {@code ttl}, and not used yet. */
  record ReadyLease(LeaseId lease, BootTime sentAt, Duration ttl) {}

  record IntentSeen(String id, Intent.State state, BootTime at) {}

  final ArrayDeque<BootTime> recentFailovers = new ArrayDeque<>();
  final TreeMap<String, Long> steps = new TreeMap<>();
  final Set<String> inFlight = new HashSet<>();

  LoopMemory(NodeState durable) {
    this.durable = durable;
    this.rewindCutOff = durable.unfinished().equals(Optional.of(NodeState.Unfinished.REWIND));
  }

  /**
   * A new look at PostgreSQL.
   *
   * @param answered when it last answered one, perhaps too late for that one to tell
   */
  void saw(PostgresStatus status, Optional<BootTime> answered, BootTime now) {
    if (status instanceof PostgresStatus.Unresponsive) {
      boolean answeredBefore =
          postgres instanceof PostgresStatus.Primary || postgres instanceof PostgresStatus.Standby;
      BootTime since =
          unresponsiveSince.orElseGet(() -> answeredBefore ? answered.orElse(now) : now);
      unresponsiveSince = Optional.of(answered.filter(since::isBefore).orElse(since));
    } else {
      unresponsiveSince = Optional.empty();
    }
    startingSince =
        status instanceof PostgresStatus.Starting
            ? startingSince.or(() -> Optional.of(now))
            : Optional.empty();
    postgres = status;
    if (status instanceof PostgresStatus.Primary primary) {
      // Without its agent a standby still receives.
      memberGoneSince.replaceAll((member, since) ->
          primary.slots().stream()
                  .anyMatch(slot -> slot.active() && slot.name().equals(member.slotName()))
              ? now
              : since);
    }
  }

  /**
   * In pause nobody pledges unless an operator asks for a primary: the others have the time that
   * they are given for it from then on, or the first to pledge would find all of it over.
   */
  private static boolean electionBegins(Optional<ClusterView> before, ClusterView after) {
    return before
        .filter(was -> was.leader().isEmpty() && paused(was))
        .filter(was -> !paused(after) || !wish(was).equals(wish(after)))
        .isPresent();
  }

  private static boolean paused(ClusterView view) {
    return view.settings().filter(ClusterSettings::pause).isPresent();
  }

  private static Optional<String> wish(ClusterView view) {
    return Optional.ofNullable(view.intents().get(Wish.PRIMARY_SLOT)).map(Intent::id);
  }

  private void sawMembers(ClusterView view, BootTime now) {
    memberGoneSince.keySet().retainAll(view.dataIds().keySet());
    memberGoneSince.keySet().removeAll(view.members().keySet());
    view.dataIds().keySet().stream()
        .filter(member -> !view.members().containsKey(member))
        .forEach(member -> memberGoneSince.putIfAbsent(member, now));
  }

  /** A new view of the cluster: who leads, and whether that changed. */
  void saw(Optional<ClusterView> before, ClusterView after, BootTime now, Instant wall) {
    if (before.isEmpty()) {
      recallFailovers(after, now, wall);
    }
    sawIntents(after, now);
    sawMembers(after, now);
    if (after.leader().isPresent()) {
      leaderSeen = true;
      leaderAbsentSince = Optional.empty();
      pledgesChangedAt = Optional.empty();
      viewConfirmed = false;
      peers.clear();
    } else if (leaderAbsentSince.isEmpty() || electionBegins(before, after)) {
      leaderAbsentSince = Optional.of(now);
      viewConfirmed = false;
      peers.clear();
      if (!handingOver(after)) {
        stepsBegan = leaderAbsentSince;
        steps.clear();
      }
    }
    if (after.leader().isEmpty()
        && !before.map(LoopMemory::pledged).equals(Optional.of(pledged(after)))) {
      pledgesChangedAt = Optional.of(now);
    }
    boolean failedOver =
        before.flatMap(ClusterView::lastEpoch).isPresent()
            && after
                .lastEpoch()
                .filter(last -> !before.flatMap(ClusterView::lastEpoch).get().equals(last))
                .filter(last -> last.cause().automatic())
                .isPresent();
    if (failedOver) {
      recentFailovers.addLast(now);
      if (recentFailovers.size() > FAILOVERS_REMEMBERED) {
        recentFailovers.removeFirst();
      }
    }
  }

  /**
   * Automatic failovers before this run of the agent, by the wall time of their reports: from here
   * on they are counted by the boot clock, as those are that this run sees.
   */
  private void recallFailovers(ClusterView view, BootTime now, Instant wall) {
    Duration window = view.settings().map(ClusterSettings::failoverWindow).orElse(Duration.ZERO);
    view.failovers().values().stream()
        .filter(FailoverReport::automatic)
        .flatMap(report -> age(report, wall).stream())
        .filter(age -> age.compareTo(window) < 0)
        .sorted(Comparator.reverseOrder())
        .forEach(age -> recentFailovers.addLast(now.minus(age)));
  }

  /** How long ago by the wall clocks, which differ: what seems to come was just now. */
  private static Optional<Duration> age(FailoverReport report, Instant wall) {
    try {
      Duration age = Duration.between(Instant.parse(report.at()), wall);
      return Optional.of(age.isNegative() ? Duration.ZERO : age);
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }

  private void sawIntents(ClusterView view, BootTime now) {
    intents.keySet().retainAll(view.intents().keySet());
    view.intents()
        .forEach((slot, intent) -> {
          IntentSeen known = intents.get(slot);
          if (known == null
              || !known.id().equals(intent.id())
              || known.state() != intent.progress().state()) {
            intents.put(slot, new IntentSeen(intent.id(), intent.progress().state(), now));
            if (intent.progress().state() == Intent.State.STOPPED) {
              stepsBegan = Optional.of(now);
              steps.clear();
            }
          }
        });
  }

  private static boolean handingOver(ClusterView view) {
    return view.openIntent(Wish.PRIMARY_SLOT)
        .filter(intent -> intent.progress().state() == Intent.State.HANDING_OVER)
        .isPresent();
  }

  private static List<Pledge> pledged(ClusterView view) {
    return view.pledges().values().stream().filter(p -> p.round().equals(view.round())).toList();
  }

  /**
   * Notes when a step ended, counted from the moment the leader key was seen absent, or the primary
   * that hands over was seen stopped.
   */
  void step(String name, BootTime now) {
    stepsBegan.ifPresent(since -> steps.put(name, since.until(now).toMillis()));
  }

  /** An operation on the instance begins: what was known of its WAL is void unless it froze. */
  void forgetWal(PostgresOperation operation) {
    switch (operation) {
      case PostgresOperation.EnsureSlots _,
          PostgresOperation.Checkpoint _,
          PostgresOperation.HandOver _,
          PostgresOperation.CatchUp _,
          PostgresOperation.Reload _,
          PostgresOperation.Stop _ -> {}
      case PostgresOperation.Freeze _,
          PostgresOperation.InitDb _,
          PostgresOperation.Adopt _,
          PostgresOperation.Clone _,
          PostgresOperation.StartPrimary _,
          PostgresOperation.Follow _,
          PostgresOperation.Promote _,
          PostgresOperation.Rewind _,
          PostgresOperation.RemoveData _ -> {
        frozen = Optional.empty();
        caughtUp = Optional.empty();
        stoppedEnd = Optional.empty();
        loss = Optional.empty();
        attached = Optional.empty();
      }
    }
  }

  /** An operation failed; the next attempt waits longer each time. */
  void failed(String operation, String reason, boolean needsRebuild, BootTime now) {
    int attempts =
        failure.filter(f -> f.operation().equals(operation)).map(f -> f.attempts() + 1).orElse(1);
    Duration wait = BACKOFF_FIRST.multipliedBy(1L << Math.min(attempts - 1, BACKOFF_DOUBLINGS));
    Duration bounded = wait.compareTo(BACKOFF_MAX) < 0 ? wait : BACKOFF_MAX;
    failure =
        Optional.of(
            new OperationFailure(operation, reason, needsRebuild, attempts, now.plus(bounded)));
  }

  /** An operation succeeded; a directory that is replaced takes its failures with it. */
  void succeeded(String operation) {
    boolean replaced = operation.equals("remove data") || operation.equals("clone");
    failure = failure.filter(f -> !replaced && !f.operation().equals(operation));
  }
}
