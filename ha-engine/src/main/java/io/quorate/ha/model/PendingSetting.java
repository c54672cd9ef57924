package io.quorate.ha.model;

/**
 * A PostgreSQL setting that was changed and takes effect at the next start only.
 *
 * @param now as PostgreSQL runs
 * @param next as it would start; {@code ?} where that cannot be told
 */
public record PendingSetting(String name, String now, String next) {}
