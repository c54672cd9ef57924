package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.OperationResult;
import io.quorate.store.StoreStatus;
import io.quorate.time.BootTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that a decision may look at, at one moment.
 *
 * @param runId this run of the agent
 * @param view the cluster; empty until the store has answered once
 * @param viewConfirmed the view was read linearizably after the leader key was seen absent
 * @param leaderAbsentSince when this member saw the key absent; empty while there is a leader
 * @param leaderSeen this run of the agent has seen a leader key (else the whole cluster may be
 *     starting)
 * @param pledgesChangedAt when this member saw a pledge of the round under way appear or change
 * @param startingSince since when PostgreSQL lets nobody in yet
 * @param hung the epoch in which PostgreSQL was ended because it did not answer
 * @param durable what is on disk
 * @param hold this member's hold
 * @param pendingLease lease of an acquisition of unknown outcome, else 0
 * @param frozen result of the last freeze that still holds
 * @param caughtUp all WAL of the stopped primary of that epoch is replayed here, up to there
 * @param prepared what this member has last got ready to take the key for: a wish, or a round
 * @param stoppedEnd end of WAL read from the stopped instance, still valid
 * @param promoted result of the promotion under the present hold
 * @param rewoundTo the epoch whose primary this directory was rewound to and has not followed yet
 * @param loss what the diverged WAL, kept since it was found, says that coming back will cost
 * @param busy the exclusive operation under way
 * @param peers answers to direct calls in this round
 * @param recentFailovers automatic changes of primary seen, for the anti-flap limit
 * @param checkpointAt end of the last checkpoint that was asked for here
 * @param reloaded the last reload that was wished for
 * @param intentSince when this member saw each slot's wish reach the state in which it is
 * @param memberGoneSince when this member saw the agent of each member that owns a directory gone,
 *     or its slot used last; empty for those that live
 * @param wall wall time, for what is scheduled
 * @param nextDataId fresh randomness, used by a decision that makes a directory
 */
public record Observation(
    BootTime now,
    MemberName self,
    String runId,
    MemberTags tags,
    RejoinPolicy rejoin,
    Optional<ClusterView> view,
    boolean viewConfirmed,
    boolean leaderSeen,
    Optional<BootTime> leaderAbsentSince,
    Optional<BootTime> pledgesChangedAt,
    PostgresStatus postgres,
    Optional<BootTime> unresponsiveSince,
    Optional<BootTime> startingSince,
    Optional<Epoch> hung,
    NodeState durable,
    Hold hold,
    long pendingLease,
    boolean guardianArmed,
    Optional<FrozenWal> frozen,
    Optional<FrozenWal> caughtUp,
    Optional<String> prepared,
    Optional<EndOfWal> stoppedEnd,
    Optional<OperationResult.Promoted> promoted,
    Optional<Epoch> rewoundTo,
    Optional<FailoverReport.Loss> loss,
    Optional<Busy> busy,
    Optional<OperationFailure> failure,
    SortedMap<MemberName, Boolean> peers,
    List<BootTime> recentFailovers,
    ClusterSettings settings,
    StoreStatus store,
    StopRequest stop,
    Optional<BootTime> stopAskedAt,
    Optional<BootTime> checkpointAt,
    Optional<Reloaded> reloaded,
    SortedMap<String, BootTime> intentSince,
    SortedMap<MemberName, BootTime> memberGoneSince,
    Instant wall,
    DataId nextDataId) {

  /**
   * Settings were read again.
   *
   * @param wish id of the wish
   * @param what came of it
   */
  public record Reloaded(String wish, String what) {}

  /** The exclusive operation under way. */
  public record Busy(String operation, BootTime since) {}

  /**
   * What may be done to a directory that cannot simply follow.
   *
   * @param rewind pg_rewind may be used
   * @param rebuildAfterFailedRewind the directory may be replaced when that fails
   * @param rebuildWhenDiverged the directory may be replaced where rewind is not used
   */
  public record RejoinPolicy(
      boolean rewind, boolean rebuildAfterFailedRewind, boolean rebuildWhenDiverged) {

    /** Nothing; also where there is no directory. */
    public static final RejoinPolicy NONE = new RejoinPolicy(false, false, false);
  }

  /** Copies the collections. */
  public Observation {
    peers = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(peers));
    recentFailovers = List.copyOf(recentFailovers);
    intentSince = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(intentSince));
    memberGoneSince = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(memberGoneSince));
  }

  /** Whether the cluster is paused, as the store says, or as it last said. */
  public boolean paused() {
    return view.flatMap(ClusterView::settings).map(ClusterSettings::pause).orElse(durable.paused());
  }

  /** The data directory's id where PGDATA, the note outside it and the store all agree. */
  public Optional<DataId> provenDataId() {
    return durable
        .dataId()
        .filter(id ->
            view.map(v -> v.dataIds().get(self))
                .filter(stored -> stored.dataId().equals(id))
                .isPresent())
        .filter(id -> DirectoryFacts.dataId(postgres).filter(id::equals).isPresent());
  }
}
