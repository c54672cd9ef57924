package io.quorate.store.raft;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a member's first snapshot, once. A candidate with a snapshot knows that something is
 * committed, and so counts no vote of a voter whose log is empty. Safe from any thread.
 */
final class FirstSnapshot {
  private static final Logger LOG = LoggerFactory.getLogger(FirstSnapshot.class);

  private final AtomicBoolean underWay = new AtomicBoolean();

  /** Begins to take one where {@code node} has none; does not wait for it. */
  void take(RaftNode node) {
    if (!node.hasSnapshot() && underWay.compareAndSet(false, true)) {
      var _ =
          node.administration()
              .snapshot()
              .whenComplete((_, thrown) -> {
                underWay.set(false);
                if (thrown != null) {
                  LOG.warn(
                      "The first snapshot was not taken, it is tried again: {}",
                      thrown.getMessage());
                }
              });
    }
  }
}
