package io.quorate.ha.model;

/**
 * Value of the persistent key {@code quorate/epoch}: the last acquisition.
 *
 * @param epoch its epoch: the key's mod revision, which names the round once it has ended
 * @param holder who acquired
 * @param timeline the timeline id reserved for it: above every id reserved or seen before
 * @param sync the record taken over
 * @param cause why it was acquired
 */
public record EpochRecord(
    Epoch epoch,
    MemberName holder,
    DataId dataId,
    TimelineId timeline,
    SyncRecord sync,
    Cause cause) {

  /** Why an acquisition took place. */
  public enum Cause {
    /** First primary of a new cluster. */
    BOOTSTRAP,
    /** The former primary's lease ended. */
    LEASE_EXPIRED,
    /** The former primary gave its key back: its PostgreSQL could not go on. */
    RELEASED,
    /** The former primary was asked to stop and handed over. */
    HANDED_OVER,
    /** A planned switchover. */
    SWITCHOVER,
    /** An operator's failover. */
    FAILOVER,
    /** In pause: the primary whose key had lapsed took it again; its branch goes on. */
    RETAKEN;

    /** Whether nobody asked for it: it counts for {@code failover_limit}. */
    public boolean automatic() {
      return switch (this) {
        case LEASE_EXPIRED, RELEASED -> true;
        case BOOTSTRAP, HANDED_OVER, SWITCHOVER, FAILOVER, RETAKEN -> false;
      };
    }
  }
}
