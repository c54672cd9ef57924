package io.quorate.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PatroniState;
import io.quorate.store.local.LocalStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** A member says that it lives, and hears that the store does. */
final class MemberPublisherTest {

  private static final MemberName DB1 = new MemberName("db1");

  private final VirtualTime time = new VirtualTime();
  private final LocalStore store = new LocalStore("db1", time::now, time, Runnable::run);
  private final IdleMachine machine = new IdleMachine();
  private final HaPorts ports =
      new HaPorts(
          store,
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
  private int renewed;
  private final MemberPublisher publisher =
      new MemberPublisher(
          ports,
          new ClusterTransactions(new ClusterKeys("service", "demo"), DB1),
          HaTimings::lan,
          () -> renewed++);

  @Test
  void theStoreIsSeenToAnswerAlsoWhereNothingChanges() {
    MemberInfo info =
        new MemberInfo(
            DB1,
            "run",
            "db1.example",
            5432,
            "",
            "",
            PatroniState.RUNNING,
            PatroniRole.REPLICA,
            "1",
            MemberTags.NONE,
            true,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty());
    publisher.publish(info, Optional.empty());
    time.advance(Duration.ofSeconds(15));
    assertThat(renewed).as("renewals heard of in 15 s").isGreaterThanOrEqualTo(15);
  }
}
