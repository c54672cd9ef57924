package io.quorate.ha.model;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A member's {@code tags}.
 *
 * @param noFailover never becomes primary
 * @param failoverPriority among equals the higher wins; 0 and below equals {@code noFailover}
 * @param all every configured tag as text, also those not interpreted here
 */
public record MemberTags(boolean noFailover, int failoverPriority, SortedMap<String, String> all) {

  /** No tags: may become primary, priority 1. */
  public static final MemberTags NONE = new MemberTags(false, 1, new TreeMap<>());

  /** Copies the map. */
  public MemberTags {
    all = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(all));
  }

  /** Whether this member may become primary. */
  public boolean mayBePrimary() {
    return !noFailover && failoverPriority > 0;
  }
}
