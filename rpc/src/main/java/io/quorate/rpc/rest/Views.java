package io.quorate.rpc.rest;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.SyncRecord;
import io.quorate.time.BootTime;
import java.util.Optional;

/** Reads the cluster's view in a snapshot. */
final class Views {

  private Views() {}

  /** Whether the view counts: it was current with the store within the last ttl. */
  static boolean isKnown(NodeSnapshot snapshot, BootTime now) {
    return snapshot.cluster().isPresent()
        && snapshot
            .viewAt()
            .filter(at -> now.isBefore(at.plus(snapshot.settings().timings().ttl())))
            .isPresent();
  }

  /** Whether the record in force counts this member's acknowledgements. */
  static boolean inQuorum(NodeSnapshot snapshot) {
    Optional<SyncRecord> record =
        snapshot.cluster().flatMap(ClusterView::lastEpoch).map(EpochRecord::sync);
    return record
        .filter(r ->
            r instanceof SyncRecord.Quorum quorum && quorum.voters().containsKey(snapshot.name()))
        .isPresent();
  }
}
