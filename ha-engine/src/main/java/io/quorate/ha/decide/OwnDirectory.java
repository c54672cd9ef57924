package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.PostgresOperation;
import java.time.Duration;
import java.util.Optional;

/**
 * PGDATA, the note outside it and the store must name the same directory before anything is
 * received into it or pledged of it. A directory that was put there by something else (a backup, a
 * copy, a standby taken over) gets an identity of its own; what was ever said of another directory
 * then does not count for it.
 */
final class OwnDirectory {

  private static final Duration STOP_BOUND = Duration.ofSeconds(20);

  private OwnDirectory() {}

  /** What is still to be done until they agree; empty once they do, or where it does not matter. */
  static Optional<Decision> toSettle(Observation o, ClusterView view, boolean attached) {
    boolean knowable =
        o.postgres() instanceof PostgresStatus.Stopped
            || o.postgres() instanceof PostgresStatus.Standby;
    boolean adopting = o.durable().unfinished().equals(Optional.of(NodeState.Unfinished.ADOPT));
    Optional<DataId> here = DirectoryFacts.dataId(o.postgres());
    Optional<DataId> noted = o.durable().dataId();
    boolean replaced = StrayDirectory.isNoted(o) && here.isPresent() && !here.equals(noted);
    if (!knowable || (o.durable().unfinished().isPresent() && !adopting && !replaced)) {
      return Optional.empty();
    }
    Optional<DataId> stored =
        Optional.ofNullable(view.dataIds().get(o.self())).map(ClusterView.StoredDataId::dataId);
    if (adopting && noted.isPresent()) {
      return Optional.of(adopt(o, noted.get(), here, stored));
    }
    if (here.isPresent() && here.equals(noted)) {
      return stored.isEmpty()
          ? Optional.of(tell(noted.get()))
          : stored.equals(noted) ? Optional.empty() : Optional.of(begin(o));
    }
    if (here.isPresent() && here.equals(stored) && noted.isEmpty()) {
      return Optional.of(
          Decision.act(
              Decision.Code.ATTACHING,
              "this member's own notes are lost: noting which directory it has",
              new Action.SaveState(o.durable().withDataId(here))));
    }
    // While it streams, an identity that cannot be read is no reason to stop it.
    return attached && here.isEmpty() ? Optional.empty() : Optional.of(begin(o));
  }

  private static Decision begin(Observation o) {
    return Decision.act(
        Decision.Code.ATTACHING,
        "this directory is not the one that was known: taking it over as another one",
        new Action.SaveState(
            o.durable()
                .withDataId(Optional.of(o.nextDataId()))
                .withUnfinished(Optional.of(NodeState.Unfinished.ADOPT))));
  }

  private static Decision tell(DataId id) {
    return Decision.act(
        Decision.Code.ATTACHING,
        "telling the store which directory this is",
        new Action.PublishDataId(id));
  }

  private static Decision adopt(
      Observation o, DataId id, Optional<DataId> here, Optional<DataId> stored) {
    if (!stored.equals(Optional.of(id))) {
      return tell(id);
    }
    if (here.equals(Optional.of(id))) {
      return Decision.act(
          Decision.Code.ATTACHING,
          "noting that the directory is taken over",
          new Action.SaveState(o.durable().withUnfinished(Optional.empty())));
    }
    return Decision.act(
        Decision.Code.ATTACHING,
        "taking over the directory found in postgresql.data_dir",
        new Action.Run(
            o.postgres() instanceof PostgresStatus.Standby
                ? new PostgresOperation.Stop(false, STOP_BOUND)
                : new PostgresOperation.Adopt(id)));
  }
}
