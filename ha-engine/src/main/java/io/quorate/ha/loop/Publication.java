package io.quorate.ha.loop;

import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.decide.Decision;
import io.quorate.ha.decide.DecisionEngine;
import io.quorate.ha.decide.Hold;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.time.BootTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Tells the outside what there is: the snapshot of this node, and its key among the members. */
final class Publication {

  private final HaPorts ports;
  private final LoopMemory memory;
  private final PrimaryHold hold;
  private final ClusterWatch watch;
  private final MemberPublisher publisher;
  private final Consumer<NodeSnapshot> published;
  private Optional<BootTime> viewAt = Optional.empty();
  private Optional<Instant> seenAt = Optional.empty();

  Publication(
      HaPorts ports,
      LoopMemory memory,
      PrimaryHold hold,
      ClusterWatch watch,
      MemberPublisher publisher,
      Consumer<NodeSnapshot> published) {
    this.ports = ports;
    this.memory = memory;
    this.hold = hold;
    this.watch = watch;
    this.publisher = publisher;
    this.published = published;
  }

  /** The store answers, and what was seen of it is what there is: also where nothing changes. */
  void storeAnswered() {
    viewAt = Optional.of(ports.clock().now());
    seenAt = Optional.of(ports.wallClock().instant());
  }

  void publish(
      HaConfig config, ClusterSettings settings, BootTime now, DecisionEngine.Judgement shown) {
    Hold held = hold.current(now);
    boolean writable =
        memory.postgres instanceof PostgresStatus.Primary
            && held instanceof Hold.Held h
            && hasBranch(h.epoch());
    published.accept(
        new NodeSnapshot(
            config.scope(),
            config.name(),
            config.version(),
            config.tags(),
            now,
            viewAt,
            seenAt,
            memory.postgres,
            Presentation.state(memory),
            Presentation.role(memory, held),
            held instanceof Hold.Held h ? Optional.of(h.epoch()) : Optional.empty(),
            held instanceof Hold.Held h ? Optional.of(h.deadline()) : Optional.empty(),
            writable,
            ports.guardian().armed(),
            watch.current().map(Keyspace::view),
            ports.store().status(),
            settings,
            shown.situation().name(),
            shown.decision().reason(),
            memory.busy.map(Observation.Busy::operation)));
    if (memory.postgres instanceof PostgresStatus.Unobserved) {
      return;
    }
    publisher.publish(member(config, held, shown), primaryPosition(held));
  }

  /** Clients are routed to a primary only once its branch is the cluster's history. */
  private boolean hasBranch(Epoch epoch) {
    return watch.current().flatMap(keyspace -> keyspace.view().branchOf(epoch)).isPresent();
  }

  private Optional<Lsn> primaryPosition(Hold held) {
    return held instanceof Hold.Held && memory.postgres instanceof PostgresStatus.Primary primary
        ? Optional.of(primary.flush())
        : Optional.empty();
  }

  private MemberInfo member(HaConfig config, Hold held, DecisionEngine.Judgement shown) {
    Optional<Lsn> position = Optional.empty();
    Optional<Lsn> receive = Optional.empty();
    Optional<Lsn> replay = Optional.empty();
    boolean streaming = false;
    if (memory.postgres instanceof PostgresStatus.Primary primary) {
      position = Optional.of(primary.flush());
    } else if (memory.postgres instanceof PostgresStatus.Standby standby) {
      position = Optional.of(standby.position());
      receive = standby.receive();
      replay = Optional.of(standby.replay());
      streaming = standby.streaming();
    }
    boolean troubled =
        switch (shown.decision().code()) {
          case NEEDS_OPERATOR, WRONG_DIRECTORY, RETRYING, HOLDING_AGAINST_FLAPPING, NOT_ELIGIBLE ->
              true;
          default -> false;
        };
    return new MemberInfo(
        config.name(),
        config.runId(),
        config.host(),
        config.port(),
        config.apiUrl(),
        config.grpcAddress(),
        Presentation.state(memory),
        Presentation.role(memory, held),
        config.version(),
        config.tags(),
        streaming,
        // Of this cluster's only: others reserve none that is shown here.
        shown.decision().code() == Decision.Code.WRONG_DIRECTORY
            ? Optional.empty()
            : Presentation.timeline(memory),
        position,
        receive,
        replay,
        memory.durable.dataId(),
        memory.attached,
        troubled || silent()
            ? Optional.of(shown.decision().reason())
            : ports.postgres().settingsRefused().or(this::heldProblem),
        pendingRestart(),
        ports.postgres().copyProgress(),
        replayHeld());
  }

  private boolean silent() {
    return memory.postgres instanceof PostgresStatus.Unresponsive
        || (memory.postgres instanceof PostgresStatus.Standby standby
            && standby.receiverProblem().isPresent());
  }

  private Optional<String> heldProblem() {
    return replayHeld().map(why -> "replays no WAL and could not take over: " + why);
  }

  private Optional<String> replayHeld() {
    return memory.postgres instanceof PostgresStatus.Standby standby
        ? standby.replayHeld()
        : Optional.empty();
  }

  private List<PendingSetting> pendingRestart() {
    return switch (memory.postgres) {
      case PostgresStatus.Primary primary -> primary.pendingRestart();
      case PostgresStatus.Standby standby -> standby.pendingRestart();
      case PostgresStatus.Unobserved _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Stopped _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _ ->
          List.of();
    };
  }
}
