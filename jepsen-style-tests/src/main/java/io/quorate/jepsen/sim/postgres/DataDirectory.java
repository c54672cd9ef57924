package io.quorate.jepsen.sim.postgres;

import io.quorate.ha.model.ControlFacts.ClusterState;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Upstream;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** What is on disk in PGDATA. */
final class DataDirectory {

  /** Whether it can be used. */
  enum Shape {
    /** initdb or a base backup was begun. */
    PARTIAL,
    /** A rewind was begun. */
    TORN,
    WHOLE
  }

  Shape shape = Shape.PARTIAL;
  long systemIdentifier;
  Optional<DataId> dataId = Optional.empty();
  Wal wal = new Wal();
  ClusterState controlState = ClusterState.SHUT_DOWN;
  int checkpointTimeline = 1;
  long checkpoint = Wal.FIRST;
  boolean standbySignal;
  Upstream upstream = new Upstream.Unknown();
  SortedSet<String> slots = new TreeSet<>();

  void checkpointed(ClusterState state) {
    controlState = state;
    checkpointTimeline = wal.timeline();
    checkpoint = wal.endLsn();
  }
}
