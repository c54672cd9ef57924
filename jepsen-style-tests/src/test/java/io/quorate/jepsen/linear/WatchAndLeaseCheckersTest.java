package io.quorate.jepsen.linear;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.jepsen.linear.LeaseExclusion.Hold;
import io.quorate.jepsen.linear.WatchChecker.Change;
import io.quorate.jepsen.linear.WatchChecker.Watch;
import io.quorate.jepsen.linear.WatchChecker.Written;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Watches and holds of which it is known what is wrong with them. */
final class WatchAndLeaseCheckersTest {

  private static final List<Written> WRITTEN =
      List.of(
          new Written("a", "1", Optional.of(2L)),
          new Written("b", "2", Optional.of(3L)),
          new Written("a", "3", Optional.empty()));

  private static Change put(long revision, String key, String value) {
    return new Change(revision, key, Optional.of(value));
  }

  private static List<String> faults(Change... changes) {
    return WatchChecker.faults(List.of(new Watch("w", 2, 4, List.of(changes))), WRITTEN);
  }

  @Test
  void everythingOnceAndInOrder() {
    assertThat(faults(put(2, "a", "1"), put(3, "b", "2"))).isEmpty();
    assertThat(faults(put(2, "a", "1"), put(3, "b", "2"), put(4, "a", "3"))).isEmpty();
  }

  @Test
  void whatIsMissingTwiceWrongOrOutOfOrderIsFound() {
    assertThat(faults(put(2, "a", "1"))).anyMatch(f -> f.contains("nothing of"));
    assertThat(faults(put(2, "a", "1"), put(3, "b", "2"), put(4, "a", "1")))
        .anyMatch(f -> f.contains("took effect twice"));
    assertThat(faults(put(2, "a", "1"), put(3, "b", "2"), put(4, "a", "9")))
        .anyMatch(f -> f.contains("never written"));
    assertThat(faults(put(3, "b", "2"), put(2, "a", "1"))).anyMatch(f -> f.contains("after"));
    assertThat(faults(put(2, "a", "1"), put(4, "b", "2"))).anyMatch(f -> f.contains("answers"));
  }

  @Test
  void twoWatchesThatDisagreeAreFound() {
    List<Change> first = List.of(put(2, "a", "1"), put(3, "b", "2"));
    List<Change> second = List.of(put(2, "a", "1"), put(3, "a", "3"));
    assertThat(
            WatchChecker.faults(
                List.of(new Watch("v", 2, 3, first), new Watch("w", 2, 3, second)), WRITTEN))
        .anyMatch(f -> f.contains("where another watch has"));
  }

  @Test
  void aLaterWatchNeedsNothingFromBefore() {
    List<Change> all = List.of(put(2, "a", "1"), put(3, "b", "2"));
    assertThat(
            WatchChecker.faults(
                List.of(new Watch("v", 2, 3, all), new Watch("w", 3, 3, List.of(all.getLast()))),
                WRITTEN))
        .isEmpty();
  }

  @Test
  void holdersOneAfterAnotherAndOnOtherKeys() {
    assertThat(
            LeaseExclusion.faults(
                List.of(
                    new Hold("a", "k", 0, 10),
                    new Hold("b", "k", 10, 20),
                    new Hold("c", "l", 5, 15),
                    new Hold("d", "k", 19, 19))))
        .isEmpty();
  }

  @Test
  void holdersThatOverlapAreFoundAlsoAcrossAShortOne() {
    assertThat(
            LeaseExclusion.faults(
                List.of(
                    new Hold("a", "k", 0, 100),
                    new Hold("b", "k", 110, 120),
                    new Hold("c", "k", 115, 130))))
        .hasSize(1);
    assertThat(
            LeaseExclusion.faults(
                List.of(
                    new Hold("a", "k", 0, 100),
                    new Hold("b", "k", 10, 20),
                    new Hold("c", "k", 30, 40))))
        .hasSize(2);
  }
}
