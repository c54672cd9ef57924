package io.quorate.store.link;

import io.quorate.store.Bytes;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Carries one request to another member's {@link VoterEndpoint} and its answer back. */
public interface VoterLink {

  /**
   * Sends {@code request} to the member service at {@code address} ({@code host:port}). Never
   * blocks. Completes exceptionally when no answer came within {@code timeout}, or none can: the
   * request may have arrived all the same.
   */
  CompletionStage<Bytes> call(String address, Bytes request, Duration timeout);
}
