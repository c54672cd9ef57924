package io.quorate.store;

/**
 * A figure by which copies of the store are compared.
 *
 * @param hash equal where the content is
 * @param revision of the replica when it was taken
 * @param hashRevision as of which the keys were hashed
 * @param compactRevision the first revision that can be read
 */
public record KeysHash(
    long hash, Revision revision, Revision hashRevision, Revision compactRevision) {}
