package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.PostgresOperation;
import java.util.Optional;
import java.util.OptionalLong;

/** Tells which situation an observation is. Safety first: the order of the questions matters. */
final class Situations {

  private static final String CHECKPOINT =
      new Action.Run(new PostgresOperation.Checkpoint(Tick.CHECKPOINT)).name();

  private Situations() {}

  static Situation classify(Observation o, DecisionRules rules) {
    if (o.postgres() instanceof PostgresStatus.None) {
      return withoutPostgres(o);
    }
    Optional<Situation> unsafe = writableWithoutHold(o);
    // In pause PostgreSQL is left as it is, whoever holds the key.
    if (unsafe.isPresent() && !o.paused()) {
      return unsafe.get();
    }
    if (o.busy().isPresent() && !checkpointOfHungServer(o)) {
      return new Situation.Working(o.busy().get());
    }
    if (o.postgres() instanceof PostgresStatus.Unobserved) {
      return new Situation.Starting();
    }
    Optional<Epoch> lapsed = lapsed(o);
    // In pause what may be writable keeps its note, which ends it afterwards though it hang then.
    if (lapsed.isPresent() && !(o.paused() && maybeWritable(o))) {
      return rules.promotesOnlyUnderHold()
          ? new Situation.HoldToForget()
          : trustingTheView(o, lapsed.get());
    }
    if (o.stop() != StopRequest.NONE) {
      return new Situation.Stopping();
    }
    if (o.view().isEmpty()) {
      return new Situation.Starting();
    }
    return settled(o, o.view().get());
  }

  /** Nothing here can be writable, be fenced or be promoted. */
  private static Situation withoutPostgres(Observation o) {
    if (o.busy().isPresent()) {
      return new Situation.Working(o.busy().get());
    }
    if (o.stop() != StopRequest.NONE) {
      return new Situation.Stopping();
    }
    return o.view().<Situation>map(Situation.Witness::new).orElseGet(Situation.Starting::new);
  }

  /** It may take minutes, and ends no sooner than the server that does not answer meanwhile. */
  private static boolean checkpointOfHungServer(Observation o) {
    return o.postgres() instanceof PostgresStatus.Unresponsive
        && o.busy().filter(busy -> busy.operation().equals(CHECKPOINT)).isPresent();
  }

  /** The epoch of a hold that is over, whether or not that was noticed before. */
  private static Optional<Epoch> lapsed(Observation o) {
    return switch (o.hold()) {
      case Hold.NotHeld() -> Optional.empty();
      case Hold.Lapsed(Epoch epoch, var _) -> Optional.of(epoch);
      case Hold.Held(Epoch epoch, var deadline) ->
          o.now().isBefore(deadline) ? Optional.empty() : Optional.of(epoch);
    };
  }

  /** What judgement would be without the deadline: as long as the key is shown, it is held. */
  private static Situation trustingTheView(Observation o, Epoch lapsed) {
    return o.view()
        .filter(_ -> o.postgres() instanceof PostgresStatus.Standby)
        .filter(view -> view.leader().filter(l -> l.epoch().equals(lapsed)).isPresent())
        .<Situation>map(view -> new Situation.HoldingLease(new Hold.Held(lapsed, o.now()), view))
        .orElseGet(Situation.HoldToForget::new);
  }

  private static Situation settled(Observation o, ClusterView view) {
    if (o.hold() instanceof Hold.Held held && o.now().isBefore(held.deadline())) {
      return new Situation.HoldingLease(held, view);
    }
    if (answerLost(o, view)) {
      return new Situation.HoldToResume();
    }
    if (o.paused() && maybeWritable(o)) {
      return new Situation.PausedPrimary(view);
    }
    if (o.durable().hold().isPresent() || o.guardianArmed()) {
      return new Situation.HoldToForget();
    }
    if (o.paused() && o.postgres() instanceof PostgresStatus.Primary) {
      return new Situation.PausedPrimary(view);
    }
    Optional<String> wrong = wrongDirectory(o, view);
    if (wrong.isPresent()) {
      return new Situation.WrongDirectory(wrong.get());
    }
    if (StrayDirectory.ran(o)) {
      return new Situation.StrayPrimary(
          "PostgreSQL, a standby before, has run as a primary that was not started under a lease");
    }
    if (o.failure().isPresent() && o.now().isBefore(o.failure().get().retryAt())) {
      return new Situation.BackingOff(o.failure().get());
    }
    if (view.leader().isPresent()) {
      return new Situation.FollowingPrimary(view, view.leader().get());
    }
    if (view.lastEpoch().isPresent()) {
      return new Situation.NoPrimary(view, view.lastEpoch().get());
    }
    return new Situation.Uninitialized(view);
  }

  /**
   * A writable PostgreSQL needs a hold whose deadline lies ahead. A restarted agent first asks
   * whether the hold of its former run still stands: the guardian keeps the old deadline meanwhile.
   */
  private static Optional<Situation> writableWithoutHold(Observation o) {
    boolean mayBeWritable =
        switch (o.postgres()) {
          case PostgresStatus.Primary _ -> true;
          case PostgresStatus.Starting _, PostgresStatus.Unresponsive _ ->
              o.durable().hold().isPresent() || o.hold() instanceof Hold.Lapsed;
          case PostgresStatus.Standby _,
              PostgresStatus.Stopped _,
              PostgresStatus.None _,
              PostgresStatus.NoData _,
              PostgresStatus.Unusable _,
              PostgresStatus.Unobserved _ ->
              false;
        };
    return switch (o.hold()) {
      case Hold.Held held when o.now().isBefore(held.deadline()) -> Optional.empty();
      case Hold.Held held ->
          mayBeWritable
              ? Optional.of(
                  new Situation.MustFence("the lease of epoch " + held.epoch() + " ran out"))
              : Optional.empty();
      case Hold.Lapsed lapsed ->
          mayBeWritable ? Optional.of(new Situation.MustFence(lapsed.why())) : Optional.empty();
      case Hold.NotHeld() -> {
        if (!mayBeWritable) {
          yield Optional.empty();
        }
        yield o.durable().hold().isPresent()
            ? Optional.of(earlierHold(o, o.durable().hold().get()))
            : foreignPrimary(o);
      }
    };
  }

  /**
   * Writable under a hold of an earlier run. It is asked for, while the guardian keeps its
   * deadline; where nothing keeps it and nobody can be asked, the deadline counts as passed.
   */
  private static Situation earlierHold(Observation o, NodeState.HoldNote note) {
    boolean seenGone =
        o.view()
            .filter(view -> view.revision() >= note.epoch().value())
            .filter(view ->
                view.leader().filter(leader -> leader.epoch().equals(note.epoch())).isEmpty())
            .isPresent();
    if (seenGone) {
      return new Situation.MustFence("the hold of epoch " + note.epoch() + " is gone");
    }
    boolean nobodyToAsk = o.view().isEmpty() || o.store().leader().isEmpty();
    if (!o.guardianArmed() && nobodyToAsk) {
      return new Situation.MustFence(
          "no guardian keeps the deadline of epoch "
              + note.epoch()
              + ", and the store cannot be asked");
    }
    return new Situation.HoldToResume();
  }

  /** Writable in a directory of the cluster's, and this agent never took a lease for it. */
  private static Optional<Situation> foreignPrimary(Observation o) {
    boolean clusterKnown =
        o.view().flatMap(ClusterView::lastEpoch).isPresent() || o.durable().dataId().isPresent();
    return clusterKnown
        ? Optional.of(
            StrayDirectory.runs(o)
                ? new Situation.StrayPrimary(
                    "PostgreSQL, a standby before, runs as a primary that was not started under a"
                        + " lease")
                : new Situation.MustFence(
                    "PostgreSQL runs as a primary that was not started under a lease"))
        : Optional.empty();
  }

  private static boolean maybeWritable(Observation o) {
    return o.durable().hold().isPresent()
        && (o.postgres() instanceof PostgresStatus.Primary
            || o.postgres() instanceof PostgresStatus.Unresponsive
            || o.postgres() instanceof PostgresStatus.Starting);
  }

  /** The key is this member's, as is not known here; what lapsed here is known. */
  private static boolean answerLost(Observation o, ClusterView view) {
    Optional<Epoch> lapsed = lapsed(o);
    return view.leader()
        .filter(leader -> leader.holder().equals(o.self()))
        .filter(leader -> lapsed.filter(epoch -> !leader.epoch().isAfter(epoch)).isEmpty())
        .filter(leader ->
            leader.leaseId() == o.pendingLease()
                || o.durable().hold().map(NodeState.HoldNote::leaseId).orElse(0L)
                    == leader.leaseId())
        .isPresent();
  }

  private static Optional<String> wrongDirectory(Observation o, ClusterView view) {
    if (o.postgres() instanceof PostgresStatus.Unusable(String reason)) {
      return Optional.of(reason);
    }
    if (o.postgres() instanceof PostgresStatus.Primary) {
      return Optional.of(
          "PostgreSQL already runs as a primary in postgresql.data_dir, started by something else:"
              + " stop it, then Quorate takes the directory over");
    }
    OptionalLong cluster = view.systemIdentifier();
    OptionalLong here = DirectoryFacts.systemIdentifier(o.postgres());
    boolean ownAttempt =
        o.durable().unfinished().equals(Optional.of(NodeState.Unfinished.INITDB))
            && o.durable().dataId().equals(DirectoryFacts.dataId(o.postgres()));
    if (ownAttempt) {
      return Optional.empty();
    }
    if (cluster.isPresent() && here.isPresent() && cluster.getAsLong() != here.getAsLong()) {
      return Optional.of(
          "postgresql.data_dir holds a directory of another cluster (system identifier "
              + Long.toUnsignedString(here.getAsLong())
              + ", this cluster is "
              + Long.toUnsignedString(cluster.getAsLong())
              + "): point data_dir elsewhere, or move the directory away to have it cloned anew");
    }
    return Optional.empty();
  }
}
