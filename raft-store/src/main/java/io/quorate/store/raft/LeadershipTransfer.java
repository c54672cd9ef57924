package io.quorate.store.raft;

import io.quorate.store.StoreError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Hands the store's leadership to another voter. Raft stops taking requests while it waits for the
 * heir (Raft dissertation, section 3.10), so an heir that has just died would cost the store as
 * long as its own leader's death: only one that answers now is taken.
 */
final class LeadershipTransfer {
  private final Supplier<RaftNode> node;
  private final TermConfirmation confirmation;

  LeadershipTransfer(Supplier<RaftNode> node, TermConfirmation confirmation) {
    this.node = node;
    this.confirmation = confirmation;
  }

  /** Makes the voter of that name the leader. */
  CompletableFuture<Attempt<String>> to(String name, Duration timeout) {
    RaftNode current = node.get();
    Optional<Voters.Peer> heir =
        current.voters().current().stream().filter(voter -> voter.name().equals(name)).findFirst();
    if (heir.isEmpty()) {
      return CompletableFuture.completedFuture(
          new Attempt.Refused<>(
              new StoreError(
                  StoreError.Code.INVALID_ARGUMENT, "the store has no voter named " + name)));
    }
    if (heir.get().id().equals(current.peer())) {
      return CompletableFuture.completedFuture(new Attempt.Served<>(name));
    }
    return confirmation
        .answers(heir.get())
        .thenCompose(alive ->
            alive
                ? move(current, heir.get(), timeout)
                : CompletableFuture.completedFuture(
                    new Attempt.NotNow<>(
                        "leadership did not move to %s: it does not answer".formatted(name))));
  }

  /**
   * Makes the first voter that answers the leader. Blocks for at most about {@code timeout} and one
   * confirmation; when nobody answers, or nobody took it, the store elects.
   */
  void away(Duration timeout) {
    RaftNode current = node.get();
    List<Voters.Peer> others =
        current.voters().current().stream()
            .filter(voter -> !voter.id().equals(current.peer()))
            .toList();
    CompletableFuture<Optional<Voters.Peer>> first = new CompletableFuture<>();
    CompletableFuture<?>[] asked =
        others.stream()
            .map(voter ->
                confirmation
                    .answers(voter)
                    .thenAccept(alive -> {
                      if (alive) {
                        first.complete(Optional.of(voter));
                      }
                    }))
            .toArray(CompletableFuture[]::new);
    var _ = CompletableFuture.allOf(asked).whenComplete((_, _) -> first.complete(Optional.empty()));
    first.join().ifPresent(heir -> move(current, heir, timeout).join());
  }

  /** It is refused while the voters change, and may fail when the heir is behind: both pass. */
  private static CompletableFuture<Attempt<String>> move(
      RaftNode current, Voters.Peer heir, Duration timeout) {
    return current
        .administration()
        .transfer(Optional.of(heir.id()), timeout)
        .handle((_, thrown) ->
            thrown == null
                ? new Attempt.Served<>(heir.name())
                : new Attempt.NotNow<>(
                    "leadership did not move to %s: %s"
                        .formatted(heir.name(), thrown.getMessage())));
  }
}
