package io.quorate.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.NodeState;
import io.quorate.store.Bytes;
import io.quorate.store.local.LocalStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What is judged is never older than what this member has written itself, for a while. */
final class ObservationMakerTest {

  private static final Duration LONG_ENOUGH = Duration.ofMillis(1100);

  private final VirtualTime time = new VirtualTime();
  private final IdleMachine machine = new IdleMachine();
  private final HaPorts ports =
      new HaPorts(
          new LocalStore("db1", time::now, time, Runnable::run),
          machine,
          machine,
          machine,
          _ -> CompletableFuture.completedFuture(false),
          time::now,
          time,
          Runnable::run,
          RandomGenerator.getDefault(),
          InstantSource.system(),
          machine);
  private final LoopMemory memory = new LoopMemory(NodeState.EMPTY);
  private final ObservationMaker observations =
      new ObservationMaker(
          ports,
          memory,
          new PrimaryHold(
              ports,
              Bytes.utf8("/service/demo/leader"),
              HaTimings::lan,
              new FenceTimer(machine, time::now, time, () -> {}),
              () -> {}),
          new ClusterWatch(ports, new ClusterKeys("service", "demo"), _ -> {}));

  private Optional<String> busy() {
    HaConfig config =
        new HaConfig(
            "demo",
            "service",
            new MemberName("db1"),
            "run",
            MemberTags.NONE,
            "1",
            "db1.example",
            5432,
            "",
            "",
            Observation.RejoinPolicy.NONE,
            ClusterSettings.defaults(),
            Bytes.EMPTY);
    return observations
        .observe(config, ClusterSettings.defaults())
        .busy()
        .map(Observation.Busy::operation);
  }

  @Test
  void eachWriteThatTheViewDoesNotShowIsWaitedFor() {
    for (int revision = 1000; revision < 1003; revision++) {
      memory.awaitedRevision = revision;
      assertThat(busy()).as("after the write of %d", revision).isPresent();
      time.advance(LONG_ENOUGH);
      assertThat(busy()).as("for ever").isEmpty();
    }
  }
}
