package io.quorate.ha.model;

/**
 * "Epoch E promotes from this end of WAL to timeline N": written durably before every promotion. A
 * member whose own note is not the store's branch of that timeline is diverged from {@code
 * from.lsn()} on, whatever its history files say.
 */
public record PromotionNote(Epoch epoch, EndOfWal from, TimelineId to) {}
