package io.quorate.ha.decide.election;

import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.MemberName;
import java.time.Duration;
import java.util.SortedMap;

/**
 * A round as one member sees it.
 *
 * @param leaderSeen this run of the agent has seen a leader key (else the whole cluster may be
 *     starting)
 * @param waited since this member saw the key absent
 * @param settled since this member saw a pledge of the round appear or change
 * @param peers answers to direct calls in this round
 * @param branchBeforePosition as everywhere but in a test that leaves the rule out
 */
public record Round(
    MemberName self,
    ClusterView view,
    EpochRecord ended,
    boolean leaderSeen,
    Duration waited,
    Duration settled,
    SortedMap<MemberName, Boolean> peers,
    ClusterSettings settings,
    boolean branchBeforePosition) {}
