package io.quorate.store;

import java.util.List;

/**
 * What a transaction did.
 *
 * @param succeeded whether the compares held
 * @param revision the store's revision after it (its own revision if it changed anything)
 */
public record TxnResult(boolean succeeded, List<OpResult> results, Revision revision) {
  /** Copies the list. */
  public TxnResult {
    results = List.copyOf(results);
  }
}
