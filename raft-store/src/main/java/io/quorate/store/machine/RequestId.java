package io.quorate.store.machine;

/**
 * Names one request of one session, so that a repeat of it can be told.
 *
 * @param session from {@link CommandResult.SessionOpened}
 * @param sequence from 1, each used for one request only; a session may have as many under way as
 *     {@link StoreLimits#sessionWindow()}
 */
public record RequestId(long session, long sequence) {}
