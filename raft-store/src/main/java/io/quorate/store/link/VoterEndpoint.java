package io.quorate.store.link;

import io.quorate.store.Bytes;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Answers what other members send over their {@link VoterLink}. */
public interface VoterEndpoint {

  /** Answers one request; completes exceptionally for a request that it does not understand. */
  CompletionStage<Bytes> answer(Bytes request);

  /**
   * The same for a caller that is known.
   *
   * @param caller the member that the caller's certificate speaks for; empty without TLS
   */
  default CompletionStage<Bytes> answer(Bytes request, Optional<String> caller) {
    return answer(request);
  }
}
