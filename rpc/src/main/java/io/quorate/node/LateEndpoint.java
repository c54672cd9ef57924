package io.quorate.node;

import io.quorate.store.Bytes;
import io.quorate.store.link.VoterEndpoint;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers other members before the store is up: that it is not. The port has to listen first, since
 * opening a store asks the others.
 */
final class LateEndpoint implements VoterEndpoint {

  private volatile @Nullable VoterEndpoint store;

  /** The store is up. */
  void set(VoterEndpoint endpoint) {
    store = endpoint;
  }

  @Override
  public CompletionStage<Bytes> answer(Bytes request) {
    return answer(request, Optional.empty());
  }

  @Override
  public CompletionStage<Bytes> answer(Bytes request, Optional<String> caller) {
    VoterEndpoint endpoint = store;
    return endpoint == null
        ? CompletableFuture.failedFuture(new IllegalStateException("the store is not up yet"))
        : endpoint.answer(request, caller);
  }
}
