package io.quorate.rpc.grpc;

import io.quorate.ha.cluster.HistoryCodec;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.proto.admin.v1.History;
import io.quorate.proto.admin.v1.HistoryEntry;

/** The history as the admin service shows it. */
final class HistoryMapping {

  private HistoryMapping() {}

  static History of(NodeSnapshot snapshot) {
    History.Builder history = History.newBuilder();
    HistoryCodec.entries(snapshot.cluster().map(ClusterView::historyJson).orElse("[]"))
        .forEach(entry ->
            history.addEntries(
                HistoryEntry.newBuilder()
                    .setTimeline(entry.timeline().value())
                    .setLsn(entry.lsn().value())
                    .setReason(entry.reason())
                    .setAt(entry.at())
                    .setNewPrimary(entry.newPrimary())));
    return history.build();
  }
}
