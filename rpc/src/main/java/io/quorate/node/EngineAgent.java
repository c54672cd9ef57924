package io.quorate.node;

import io.quorate.ha.HaEngine;
import io.quorate.ha.admin.DynamicConfig;
import io.quorate.ha.command.Commands;
import io.quorate.ha.journal.JournalReader;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.rpc.Agent;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The engine as the servers see it. */
final class EngineAgent implements Agent {

  private final HaEngine engine;
  private final DynamicConfig config;
  private final JournalReader journal;

  EngineAgent(HaEngine engine, DynamicConfig config, JournalReader journal) {
    this.engine = engine;
    this.config = config;
    this.journal = journal;
  }

  @Override
  public Optional<NodeSnapshot> snapshot() {
    return engine.snapshot();
  }

  @Override
  public void onSnapshot(Consumer<NodeSnapshot> listener) {
    engine.onSnapshot(listener);
  }

  @Override
  public CompletionStage<String> stopCluster() {
    return engine.stopCluster();
  }

  @Override
  public DynamicConfig config() {
    return config;
  }

  @Override
  public Commands commands() {
    return engine.commands();
  }

  @Override
  public JournalReader journal() {
    return journal;
  }
}
