package io.quorate.ha.model;

/**
 * "For this round, I (data id) have stopped receiving; my end of WAL is this; I shall not receive
 * from any epoch but a newer one." Key {@code quorate/pledge/<member>}.
 *
 * @param round the ended epoch
 * @param priority {@code failover_priority}; not eligible where {@code mayBePrimary} is false
 * @param revision the key's mod revision, to be compared by an acquisition that counts it
 */
public record Pledge(
    MemberName member,
    Epoch round,
    DataId dataId,
    EndOfWal end,
    Lsn replay,
    int priority,
    boolean mayBePrimary,
    long revision) {}
