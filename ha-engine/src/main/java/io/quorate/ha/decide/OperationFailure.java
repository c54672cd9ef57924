package io.quorate.ha.decide;

import io.quorate.time.BootTime;

/**
 * The last operation failed.
 *
 * @param operation its stable name
 * @param attempts failures in a row of this operation
 * @param retryAt not to be tried again before
 */
public record OperationFailure(
    String operation, String reason, boolean needsRebuild, int attempts, BootTime retryAt) {}
