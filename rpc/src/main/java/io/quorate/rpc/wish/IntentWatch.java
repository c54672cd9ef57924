package io.quorate.rpc.wish;

import io.quorate.ha.model.Intent;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.rpc.Agent;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Waits for wishes to be finished. Any thread may call; nothing blocks. */
public final class IntentWatch {

  private final Agent agent;
  private final Set<Wait> waits = ConcurrentHashMap.newKeySet();

  /** Follows what {@code agent} sees. */
  public IntentWatch(Agent agent) {
    this.agent = agent;
    agent.onSnapshot(snapshot -> waits.forEach(wait -> wait.look(snapshot)));
  }

  /**
   * Completes with the wish as it was finished, or empty when it is not within {@code bound}, or
   * another one has taken its place.
   */
  public CompletionStage<Optional<Intent>> finished(Intent accepted, Duration bound) {
    Wait wait = new Wait(accepted, new CompletableFuture<>());
    waits.add(wait);
    agent.snapshot().ifPresent(wait::look);
    return wait.end
        .completeOnTimeout(Optional.empty(), bound.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((_, _) -> waits.remove(wait));
  }

  private record Wait(Intent accepted, CompletableFuture<Optional<Intent>> end) {

    void look(NodeSnapshot snapshot) {
      snapshot
          .cluster()
          .filter(view -> view.revision() >= accepted.revision())
          .map(view -> Optional.ofNullable(view.intents().get(accepted.wish().slot())))
          .ifPresent(now -> {
            Optional<Intent> same = now.filter(i -> i.id().equals(accepted.id()));
            if (same.filter(Intent::open).isEmpty()) {
              end.complete(same);
            }
          });
    }
  }
}
