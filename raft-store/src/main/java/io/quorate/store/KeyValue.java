package io.quorate.store;

/**
 * A key with its value and its place in history.
 *
 * @param createRevision revision at which the key came into being (again)
 * @param modRevision revision of the last put
 * @param version number of puts since it was created, from 1
 * @param lease the lease the key is attached to, or {@link LeaseId#NONE}
 */
public record KeyValue(
    Bytes key,
    Bytes value,
    Revision createRevision,
    Revision modRevision,
    long version,
    LeaseId lease) {}
