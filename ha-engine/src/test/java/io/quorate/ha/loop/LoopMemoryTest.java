package io.quorate.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.decide.ViewFacts;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.NodeState;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a run of the agent knows of the time before it. */
final class LoopMemoryTest {

  private static final Instant WALL = Instant.parse("2026-11-22T12:00:00Z");

  private final LoopMemory memory = new LoopMemory(NodeState.EMPTY);

  /** The window is ten minutes by default. */
  @Test
  void failoversBeforeThisRunCountOnceAndByTheirAge() {
    BootTime now = new BootTime(Duration.ofSeconds(5).toNanos());
    ClusterView view =
        ViewFacts.afterFailovers(
            "2026-11-22T11:30:00Z", "2026-11-22T11:58:00Z", "2026-11-22T12:00:07Z", "never");
    memory.saw(Optional.empty(), view, now, WALL);
    assertThat(memory.recentFailovers).containsExactly(now.minus(Duration.ofMinutes(2)), now);
    memory.saw(Optional.of(view), view, now.plus(Duration.ofSeconds(1)), WALL);
    assertThat(memory.recentFailovers).hasSize(2);
  }

  @Test
  void whatSomebodyAskedForDoesNotCount() {
    memory.saw(Optional.empty(), ViewFacts.quiet(), new BootTime(1), WALL);
    assertThat(memory.recentFailovers).isEmpty();
  }

  @Test
  void membersHaveTheirTimeToPledgeFromTheEndOfAPauseOn() {
    BootTime ended = new BootTime(Duration.ofSeconds(60).toNanos());
    ClusterView paused = ViewFacts.pausedWithoutPrimary();
    memory.saw(Optional.of(ViewFacts.quiet()), paused, new BootTime(1), WALL);
    memory.saw(Optional.of(paused), paused, new BootTime(2), WALL);
    assertThat(memory.leaderAbsentSince).hasValue(new BootTime(1));
    ClusterView over = ViewFacts.withoutPrimary();
    memory.saw(Optional.of(paused), over, ended, WALL);
    memory.saw(Optional.of(over), over, ended.plus(Duration.ofSeconds(1)), WALL);
    assertThat(memory.leaderAbsentSince).hasValue(ended);
  }
}
