package io.quorate.ha.loop;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.Upstream;
import io.quorate.time.BootTime;
import java.util.Optional;

/** Looks at PostgreSQL and remembers what was seen. Belongs to the loop. */
final class PostgresSampling {

  private final HaPorts ports;
  private final LoopMemory memory;
  private long sequence;
  private long shown;

  PostgresSampling(HaPorts ports, LoopMemory memory) {
    this.ports = ports;
    this.memory = memory;
  }

  /**
   * Looks at PostgreSQL; an older look that answers late is discarded. When {@code then} is called,
   * what is known is at least as new as this look, whatever other looks are under way.
   */
  void then(Runnable then) {
    long look = ++sequence;
    var _ =
        ports
            .postgres()
            .sample()
            .exceptionally(failure -> new PostgresStatus.Unresponsive(failure.toString()))
            .thenAccept(status ->
                ports
                    .executor()
                    .execute(() -> {
                      if (look > shown) {
                        shown = look;
                        saw(status);
                      }
                      then.run();
                    }));
  }

  private void saw(PostgresStatus status) {
    BootTime now = ports.clock().now();
    PostgresStatus before = memory.postgres;
    memory.saw(status, ports.postgres().answered(), now);
    SlotTroubles.since(before, status).forEach(text -> ports.events().trouble(now, text));
    // After a restart of the agent: the setting was written only after the proof.
    if (status instanceof PostgresStatus.Standby standby
        && standby.upstream() instanceof Upstream.Following following
        && memory.attached.isEmpty()
        && standby.receiverTimeline().isPresent()) {
      memory.attached =
          Optional.of(
              new MemberInfo.Attachment(
                  following.epoch(),
                  new EndOfWal(standby.receiverTimeline().get(), standby.position())));
    }
  }
}
