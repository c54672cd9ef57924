package io.quorate.jepsen.linear;

import java.util.List;

/** What a search found. */
public sealed interface Verdict {

  /** There is an order that explains every answer. */
  record Linearizable(long configurations) implements Verdict {}

  /**
   * There is none.
   *
   * @param explained the longest beginning of an order that was found
   * @param stuck completed operations of which none can come next
   */
  record NotLinearizable(String key, List<Operation> explained, List<Operation> stuck)
      implements Verdict {}

  /** The search was given up: too many configurations to remember. Nothing is proven. */
  record GaveUp(String key, long configurations) implements Verdict {}
}
