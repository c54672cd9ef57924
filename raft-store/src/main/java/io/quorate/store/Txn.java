package io.quorate.store;

import java.util.List;

/** If all compares hold {@code then}, else {@code otherwise}; atomic, at one revision. */
public record Txn(List<Compare> compares, List<Op> then, List<Op> otherwise) {
  /** Copies the lists. */
  public Txn {
    compares = List.copyOf(compares);
    then = List.copyOf(then);
    otherwise = List.copyOf(otherwise);
  }

  /** A transaction with no else branch. */
  public static Txn when(List<Compare> compares, List<Op> then) {
    return new Txn(compares, then, List.of());
  }

  /** A transaction without conditions. */
  public static Txn of(Op... ops) {
    return new Txn(List.of(), List.of(ops), List.of());
  }
}
