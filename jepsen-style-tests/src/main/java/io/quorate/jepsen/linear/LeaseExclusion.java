package io.quorate.jepsen.linear;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether no two holders of a key believed at the same time that it was theirs. */
public final class LeaseExclusion {

  private LeaseExclusion() {}

  /**
   * One holder's belief.
   *
   * @param from when it was told that it holds the key
   * @param until how long it believed so: its last renewal's sending plus the time to live less
   *     drift, or the moment at which it asked for the release
   */
  public record Hold(String holder, String key, long from, long until) {}

  /** Beliefs that overlap; empty if none do. A belief that ended before it began is none. */
  public static List<String> faults(List<Hold> holds) {
    List<Hold> sorted =
        holds.stream()
            .filter(hold -> hold.until() > hold.from())
            .sorted(Comparator.comparing(Hold::key).thenComparingLong(Hold::from))
            .toList();
    List<String> faults = new ArrayList<>();
    @Nullable Hold longest = null;
    for (Hold hold : sorted) {
      if (longest != null && longest.key().equals(hold.key()) && longest.until() > hold.from()) {
        faults.add(longest + " and " + hold);
      }
      if (longest == null || !longest.key().equals(hold.key()) || longest.until() < hold.until()) {
        longest = hold;
      }
    }
    return faults;
  }
}
