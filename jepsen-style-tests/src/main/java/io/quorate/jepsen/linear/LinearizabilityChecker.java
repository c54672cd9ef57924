package io.quorate.jepsen.linear;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks for an order of the operations that explains every answer and keeps to real time: an
 * operation that had returned before another was called comes before it. Keys are independent, so
 * each is searched alone (a history is linearizable if and only if each object's part is).
 */
public final class LinearizabilityChecker {

  /** Some 200 bytes each: 200 MB at the worst. */
  public static final int CONFIGURATIONS = 1_000_000;

  private final int configurations;

  /**
   * A checker that remembers at most so many configurations for a key, and gives up then.
   *
   * @param configurations 1 and above
   */
  public LinearizabilityChecker(int configurations) {
    if (configurations < 1) {
      throw new IllegalArgumentException("at least one configuration must be remembered");
    }
    this.configurations = configurations;
  }

  /** Judges a history; every key is absent at its beginning. Order in the list does not matter. */
  public Verdict check(List<Operation> history) {
    Map<String, List<Operation>> byKey = new LinkedHashMap<>();
    for (Operation operation : history) {
      byKey.computeIfAbsent(operation.key(), _ -> new ArrayList<>()).add(operation);
    }
    long searched = 0;
    Verdict gaveUp = new Verdict.Linearizable(0);
    for (Map.Entry<String, List<Operation>> entry : byKey.entrySet()) {
      Verdict verdict = new KeySearch(entry.getKey(), entry.getValue(), configurations).run();
      switch (verdict) {
        case Verdict.Linearizable(long found) -> searched += found;
        // A violation elsewhere says more than a search given up here.
        case Verdict.GaveUp _ -> gaveUp = verdict;
        case Verdict.NotLinearizable _ -> {
          return verdict;
        }
      }
    }
    return gaveUp instanceof Verdict.GaveUp ? gaveUp : new Verdict.Linearizable(searched);
  }
}
