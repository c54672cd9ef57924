package io.quorate.node;

import io.quorate.ha.HaEngine;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.rpc.Agent;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The engine as the servers see it. */
final class EngineAgent implements Agent {

  private final HaEngine engine;

  EngineAgent(HaEngine engine) {
    this.engine = engine;
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
}
