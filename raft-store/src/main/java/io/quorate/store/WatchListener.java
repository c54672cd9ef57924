package io.quorate.store;

import java.util.List;

/**
 * Receives the changes of one watch, in revision order, without gaps, from one thread at a time;
 * must not block (a slow listener's watch is ended with a reason).
 */
public interface WatchListener {

  /** All changes of one revision that match, in key order of their application. */
  void onEvents(Revision revision, List<WatchEvent> events);

  /**
   * The watch is over: the listener reads anew and watches from there. After compaction (also after
   * a snapshot was installed) {@code reason} is COMPACTED and {@code compactRevision} the first
   * revision that can still be had.
   */
  void onEnded(StoreError reason, Revision compactRevision);
}
