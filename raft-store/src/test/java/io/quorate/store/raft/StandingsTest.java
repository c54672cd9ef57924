package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.time.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class StandingsTest {

  private final VirtualTime time = new VirtualTime();
  private final Standings standings = new Standings(time);

  @Test
  void whatIsCommittedCountsAtOnceAndTheTermOnceItIsSurelyOnTheDisk() {
    standings.note("a-1", new Standing(5, 70));
    assertThat(standings.of("a-1")).isEqualTo(new Standing(0, 70));
    assertThat(standings.of("a-2")).isEqualTo(Standing.NONE);
    time.advance(Duration.ofMillis(1_001));
    standings.note("a-1", new Standing(5, 71));
    assertThat(standings.of("a-1")).isEqualTo(new Standing(5, 71));
    standings.note("a-1", new Standing(6, 60));
    assertThat(standings.of("a-1")).isEqualTo(new Standing(5, 71));
  }

  @Test
  void lessThanWasHeardIsNotTheSameStorage() {
    Standing heard = new Standing(5, 71);
    assertThat(new Standing(5, 71).reaches(heard)).isTrue();
    assertThat(new Standing(6, 80).reaches(heard)).isTrue();
    assertThat(new Standing(5, 70).reaches(heard)).isFalse();
    assertThat(new Standing(4, 90).reaches(heard)).isFalse();
  }
}
