package io.quorate.rpc;

import io.quorate.ha.admin.DynamicConfig;
import io.quorate.ha.command.Commands;
import io.quorate.ha.journal.JournalReader;
import io.quorate.ha.model.NodeSnapshot;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** What the servers here know of the agent they speak for. Any thread may call; nothing blocks. */
public interface Agent {

  /** The latest snapshot; empty until the engine has first looked around. */
  Optional<NodeSnapshot> snapshot();

  /**
   * Calls {@code listener} with each new snapshot, on a thread that it must not hold up, for as
   * long as the agent lives.
   */
  void onSnapshot(Consumer<NodeSnapshot> listener);

  /**
   * Asks every agent of the cluster to stop. Completes with an empty text once that is written, or
   * with why it was not.
   */
  CompletionStage<String> stopCluster();

  /** The dynamic configuration. */
  DynamicConfig config();

  /** Hands in operators' wishes. */
  Commands commands();

  /** The journal of all members. */
  JournalReader journal();
}
