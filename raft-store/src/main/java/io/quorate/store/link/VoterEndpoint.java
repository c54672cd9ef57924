package io.quorate.store.link;

import io.quorate.store.Bytes;
import java.util.concurrent.CompletionStage;

/** Answers what other members send over their {@link VoterLink}. */
public interface VoterEndpoint {

  /** Answers one request; completes exceptionally for a request that it does not understand. */
  CompletionStage<Bytes> answer(Bytes request);
}
