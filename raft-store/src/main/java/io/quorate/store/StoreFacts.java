package io.quorate.store;

/**
 * Figures of the local replica, all of the same moment.
 *
 * @param revision the store's revision
 * @param compactRevision the first that can be read; 0 when nothing was ever compacted
 * @param bytes weight of keys and leases against the quota
 * @param quotaBytes from here on growing writes of clients are refused
 * @param valueBytes the largest value
 */
public record StoreFacts(
    Revision revision, Revision compactRevision, long bytes, long quotaBytes, int valueBytes) {

  /** Whether a value of the allowed size may be refused for want of room. */
  public boolean nearlyFull() {
    return quotaBytes - bytes < valueBytes;
  }
}
