package io.quorate.ha.model;

import java.time.Duration;
import java.util.Optional;

/**
 * How far the copying of a data directory has come.
 *
 * @param done bytes copied
 * @param total bytes to copy, estimated at its beginning; may be passed
 * @param bytesPerSecond since its beginning; 0 until it can be told
 */
public record CopyProgress(long done, long total, long bytesPerSecond) {

  /** How much longer at this rate; empty while that cannot be told. */
  public Optional<Duration> remaining() {
    return bytesPerSecond > 0
        ? Optional.of(Duration.ofSeconds(Math.max(0, total - done) / bytesPerSecond))
        : Optional.empty();
  }
}
