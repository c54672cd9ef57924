package io.quorate.ha.model;

/**
 * One change of timeline, as the {@code history} key lists it.
 *
 * @param timeline the one that ended
 * @param lsn where it ended
 * @param at ISO 8601; empty where it is not known
 * @param newPrimary empty where it is not known
 */
public record HistoryEntry(
    TimelineId timeline, Lsn lsn, String reason, String at, String newPrimary) {}
