package io.quorate.ha.loop;

import io.quorate.ha.decide.Hold;
import io.quorate.ha.decide.StopRequest;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import java.util.Optional;

/** How this member looks to Patroni's tools. */
final class Presentation {

  private Presentation() {}

  static PatroniState state(LoopMemory memory) {
    Optional<String> operation = memory.busy.map(busy -> busy.operation());
    if (operation.filter("initdb"::equals).isPresent()) {
      return PatroniState.INITDB;
    }
    if (operation.filter("clone"::equals).isPresent()) {
      return PatroniState.CREATING_REPLICA;
    }
    return switch (memory.postgres) {
      case PostgresStatus.Primary _, PostgresStatus.Standby _ ->
          operation.filter("stop"::equals).isPresent()
              ? PatroniState.STOPPING
              : PatroniState.RUNNING;
      case PostgresStatus.Starting _ -> PatroniState.STARTING;
      case PostgresStatus.Stopped _ ->
          operation.filter(o -> o.equals("follow") || o.startsWith("start")).isPresent()
              ? PatroniState.STARTING
              : memory.failure.isPresent() && memory.stop == StopRequest.NONE
                  ? PatroniState.START_FAILED
                  : PatroniState.STOPPED;
      case PostgresStatus.None _ ->
          memory.stop == StopRequest.NONE ? PatroniState.RUNNING : PatroniState.STOPPING;
      case PostgresStatus.NoData _ -> PatroniState.STOPPED;
      case PostgresStatus.Unusable _ -> PatroniState.START_FAILED;
      case PostgresStatus.Unresponsive _, PostgresStatus.Unobserved _ -> PatroniState.UNKNOWN;
    };
  }

  static PatroniRole role(LoopMemory memory, Hold hold) {
    return switch (memory.postgres) {
      case PostgresStatus.Primary _ -> PatroniRole.PRIMARY;
      case PostgresStatus.Standby _ ->
          hold instanceof Hold.Held ? PatroniRole.PROMOTED : PatroniRole.REPLICA;
      case PostgresStatus.None _ -> PatroniRole.WITNESS;
      case PostgresStatus.NoData _, PostgresStatus.Unobserved _, PostgresStatus.Unusable _ ->
          PatroniRole.UNINITIALIZED;
      case PostgresStatus.Stopped _, PostgresStatus.Starting _, PostgresStatus.Unresponsive _ ->
          memory.durable.hold().isPresent() ? PatroniRole.DEMOTED : PatroniRole.REPLICA;
    };
  }

  static Optional<TimelineId> timeline(LoopMemory memory) {
    return switch (memory.postgres) {
      case PostgresStatus.Primary primary -> Optional.of(primary.timeline());
      case PostgresStatus.Standby standby ->
          standby
              .receiverTimeline()
              .or(() -> memory.frozen.map(f -> f.end().timeline()))
              .or(() -> memory.attached.map(a -> a.end().timeline()));
      case PostgresStatus.Stopped stopped -> Optional.of(stopped.control().checkpointTimeline());
      case PostgresStatus.Unobserved _,
          PostgresStatus.None _,
          PostgresStatus.NoData _,
          PostgresStatus.Unusable _,
          PostgresStatus.Starting _,
          PostgresStatus.Unresponsive _ ->
          Optional.empty();
    };
  }
}
