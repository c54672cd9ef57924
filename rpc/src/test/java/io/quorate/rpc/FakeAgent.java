package io.quorate.rpc;

import io.quorate.ha.admin.DynamicConfig;
import io.quorate.ha.cluster.ClusterKeys;
import io.quorate.ha.command.Commands;
import io.quorate.ha.journal.JournalReader;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.node.config.DynamicCheck;
import io.quorate.store.Bytes;
import io.quorate.store.Op;
import io.quorate.store.Principal;
import io.quorate.store.Txn;
import io.quorate.store.local.LocalStore;
import io.quorate.time.BootTime;
import io.quorate.time.MonotonicClock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** An agent whose snapshots and time the test sets. */
public final class FakeAgent implements Agent, MonotonicClock {

  /** How often the cluster was asked to stop. */
  public final AtomicInteger stops = new AtomicInteger();

  /** The store behind what changes something. */
  public final LocalStore store = new LocalStore("a", this, (_, _) -> () -> {}, Runnable::run);

  /** What the wall clock says. */
  public static final Instant NOW = Instant.parse("2026-11-22T18:30:00Z");

  /** Its cluster. */
  public static final ClusterKeys KEYS = new ClusterKeys("/service", "demo");

  private final DynamicConfig config =
      new DynamicConfig(store, KEYS, new DynamicCheck(), FakeAgent::tried);
  private final Commands commands =
      new Commands(store, KEYS, InstantSource.fixed(NOW), new SplittableRandom(1));
  private final JournalReader journal = new JournalReader(store, KEYS);
  private final List<Consumer<NodeSnapshot>> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<NodeSnapshot> snapshot = Optional.empty();
  private volatile BootTime now = Snapshots.AT;
  private volatile String refusal = "";

  /** A PostgreSQL that takes every value but {@code refused}. */
  private static CompletionStage<List<String>> tried(Map<String, String> parameters) {
    return CompletableFuture.completedFuture(
        parameters.entrySet().stream()
            .filter(parameter -> parameter.getValue().equals("refused"))
            .map(parameter -> parameter.getKey() + ": PostgreSQL of a says: it is refused")
            .toList());
  }

  /** Puts a configuration into the store, as the making of a cluster does. */
  public void configure(String json) {
    var _ =
        store
            .txn(Txn.of(Op.put(KEYS.config(), Bytes.utf8(json))), Principal.MEMBER)
            .toCompletableFuture()
            .join();
  }

  /** Publishes. */
  public void publish(NodeSnapshot next) {
    snapshot = Optional.of(next);
    listeners.forEach(listener -> listener.accept(next));
  }

  /** Sets the time. */
  public void at(BootTime time) {
    now = time;
  }

  /** What {@link #stopCluster} answers. */
  public void refuseToStop(String why) {
    refusal = why;
  }

  @Override
  public Optional<NodeSnapshot> snapshot() {
    return snapshot;
  }

  @Override
  public void onSnapshot(Consumer<NodeSnapshot> listener) {
    listeners.add(listener);
  }

  @Override
  public CompletionStage<String> stopCluster() {
    stops.incrementAndGet();
    return CompletableFuture.completedFuture(refusal);
  }

  @Override
  public BootTime now() {
    return now;
  }

  @Override
  public DynamicConfig config() {
    return config;
  }

  @Override
  public Commands commands() {
    return commands;
  }

  @Override
  public JournalReader journal() {
    return journal;
  }
}
