package io.quorate.ha.decide.election;

import io.quorate.ha.model.MemberName;
import java.time.Duration;
import java.util.List;

/** Where a round stands, as one member sees it. */
public sealed interface Ballot {

  /** Too few pledges yet. */
  record Incomplete(String reason, List<MemberName> ask, Duration wakeAfter) implements Ballot {
    /** Copies the list. */
    public Incomplete {
      ask = List.copyOf(ask);
    }
  }

  /** This member should take the key, counting these pledges. */
  record Mine(List<io.quorate.ha.model.Pledge> counted, String reason) implements Ballot {
    /** Copies the list. */
    public Mine {
      counted = List.copyOf(counted);
    }
  }

  /** Another should; this one stands in after a while. */
  record Others(MemberName best, String reason, Duration standInAfter) implements Ballot {}

  /** Nobody may, as things are; says what would have to change. */
  record Nobody(String reason) implements Ballot {}
}
