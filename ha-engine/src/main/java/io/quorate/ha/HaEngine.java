package io.quorate.ha;

import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.command.Commands;
import io.quorate.ha.decide.DecisionRules;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.loop.HaConfig;
import io.quorate.ha.loop.HaLoop;
import io.quorate.ha.loop.HaPorts;
import io.quorate.ha.model.MemberTags;
import io.quorate.ha.model.NodeSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one PostgreSQL instance in the role that the store says. Any thread may call; no call
 * blocks.
 */
public final class HaEngine {

  private final HaLoop loop;
  private final Commands commands;
  private final List<Consumer<NodeSnapshot>> listeners = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private volatile @Nullable NodeSnapshot current;

  /**
   * Makes an engine; nothing happens before {@link #start()}.
   *
   * @throws java.io.UncheckedIOException if the durable state is there and cannot be read
   */
  public HaEngine(HaConfig config, HaPorts ports) {
    this(config, ports, DecisionRules.STRICT);
  }

  /** As the other; a test may leave out some of the rules. */
  public HaEngine(HaConfig config, HaPorts ports, DecisionRules rules) {
    this.loop = new HaLoop(config, ports, rules, this::published, () -> ended.complete(true));
    this.commands =
        new Commands(
            ports.store(),
            new ClusterKeys(config.namespace(), config.scope()),
            ports.wallClock(),
            ports.random());
  }

  private void published(NodeSnapshot snapshot) {
    current = snapshot;
    listeners.forEach(listener -> listener.accept(snapshot));
  }

  /** Hands in operators' wishes. */
  public Commands commands() {
    return commands;
  }

  /** Begins to watch, decide and act. */
  public void start() {
    loop.start();
  }

  /**
   * Completes once the store refuses to let clients write the cluster's keys: before, none may be
   * let in to write.
   */
  public CompletionStage<?> keysGuarded() {
    return loop.keysGuarded();
  }

  /** The latest snapshot; empty until the first decision. */
  public Optional<NodeSnapshot> snapshot() {
    return Optional.ofNullable(current);
  }

  /** Calls {@code listener} with each new snapshot, on the engine's thread: it must not block. */
  public void onSnapshot(Consumer<NodeSnapshot> listener) {
    listeners.add(listener);
  }

  /** Changes what may change while the engine runs; in force at the next decision. */
  public void reconfigure(MemberTags tags, Observation.RejoinPolicy rejoin) {
    loop.reconfigure(tags, rejoin);
  }

  /** Asks this agent to stop; a primary hands over first. Done when the stage completes. */
  public CompletionStage<Boolean> stop() {
    loop.stop();
    return ended;
  }

  /** Completes when the agent may end, also when the whole cluster was asked to stop. */
  public CompletionStage<Boolean> ended() {
    return ended;
  }

  /**
   * Asks every agent to stop, the whole cluster at once: standbys first, no hand-over. Completes
   * with an empty text, or with why it could not be asked for.
   */
  public CompletionStage<String> stopCluster() {
    return loop.stopCluster();
  }
}
