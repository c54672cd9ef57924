package io.quorate.ha.postgres;

/**
 * How far a base backup has come.
 *
 * @param done bytes copied
 * @param total bytes to copy, estimated at its beginning; may be passed
 */
public record CloneProgress(long done, long total) {}
