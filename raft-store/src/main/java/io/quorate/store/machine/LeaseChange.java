package io.quorate.store.machine;

import io.quorate.store.LeaseId;

/** What a command did to leases, for those who keep their time. */
public sealed interface LeaseChange {

  /** A lease came into being. */
  record Granted(LeaseId id, long generation, long ttlMillis) implements LeaseChange {}

  /** A lease is gone: revoked or expired. */
  record Ended(LeaseId id, long generation) implements LeaseChange {}
}
