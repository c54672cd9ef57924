package io.quorate.store.machine;

import io.quorate.store.KeyValue;

/**
 * Bounds of the store. Part of the replicated state, since every replica must refuse and compact
 * alike: a default may be changed only together with a command that puts it into the log.
 *
 * @param valueBytes largest value
 * @param requestBytes largest sum of keys and values of a transaction
 * @param operations most operations or compares of a transaction, nested ones counted as etcd does
 * @param quotaBytes weight of keys and leases from which on clients' growing writes are refused
 * @param reserveBytes what members may use above the quota, so that clients who filled the store
 *     cannot keep a new primary from being recorded
 * @param leases most leases; members may have {@link #RESERVED_LEASES} more
 * @param historyRevisions most revisions kept for old reads and watches
 * @param historyBytes most weight of history, the latest revision always kept
 * @param guards most guarded prefixes
 * @param sessions most sessions; the longest unused one makes room
 * @param sessionWindow answers kept for one session
 */
public record StoreLimits(
    int valueBytes,
    int requestBytes,
    int operations,
    long quotaBytes,
    long reserveBytes,
    int leases,
    int historyRevisions,
    long historyBytes,
    int guards,
    int sessions,
    int sessionWindow) {

  /** Estimated heap of a key beside the bytes of key and value. */
  public static final int KEY_OVERHEAD_BYTES = 200;

  /** Estimated heap of a lease beside its keys. */
  public static final int LEASE_OVERHEAD_BYTES = 120;

  /** Longest time to live, etcd's: 9 000 000 000 s. */
  public static final long MAX_TTL_MILLIS = 9_000_000_000_000L;

  /** Shortest time to live. */
  public static final long MIN_TTL_MILLIS = 1_000;

  /** Largest answer that is kept for a repeat of its request. */
  public static final int KEPT_ANSWER_BYTES = 2 * 1024;

  /**
   * Most that the reads of one transaction may answer together. Every replica builds the answers
   * while it applies, so without a bound one client's transaction could exhaust them all; reads
   * outside of transactions have none.
   */
  public static final int TXN_READ_BYTES = 8 * 1024 * 1024;

  /** Leases that members may have beyond the bound, so that clients cannot keep a primary out. */
  public static final int RESERVED_LEASES = 64;

  /** Longest guarded prefix. */
  public static final int GUARD_BYTES = 1024;

  /** The bounds of a new store. */
  public static final StoreLimits DEFAULT =
      new StoreLimits(
          512 * 1024,
          1024 * 1024,
          128,
          32L * 1024 * 1024,
          4L * 1024 * 1024,
          50_000,
          50_000,
          8L * 1024 * 1024,
          64,
          64,
          256);

  /** Checks that each bound is at least 1. */
  public StoreLimits {
    if (valueBytes < 1
        || requestBytes < 1
        || operations < 1
        || quotaBytes < 1
        || reserveBytes < 0
        || leases < 1
        || historyRevisions < 1
        || historyBytes < 1
        || guards < 1
        || sessions < 1
        || sessionWindow < 1) {
      throw new IllegalArgumentException("a bound of the store is below 1");
    }
  }

  /** What a key weighs against the quota. */
  static long weight(KeyValue keyValue) {
    return (long) KEY_OVERHEAD_BYTES + keyValue.key().size() + keyValue.value().size();
  }
}
