package io.quorate.ha.port;

import io.quorate.ha.model.NodeState;
import java.util.concurrent.CompletionStage;

/** Keeps {@link NodeState} durably. One caller, the loop; writes are ordered. */
public interface NodeStateStore {

  /**
   * The state on disk; {@link NodeState#EMPTY} where there is none yet.
   *
   * @throws java.io.UncheckedIOException if it is there and cannot be read or is damaged
   */
  NodeState load();

  /** Writes with fsync of file and directory; completes with whether it is durable. */
  CompletionStage<Boolean> save(NodeState state);
}
