package io.quorate.ha.cluster;

import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.TimelineId;
import io.quorate.store.Bytes;

/**
 * Names of the keys: Patroni's layout ({@code /<namespace>/<scope>/…}), and what it has no word for
 * below {@code quorate/}.
 */
public final class ClusterKeys {

  private final String root;

  /** Keys of one cluster; slashes around {@code namespace} do not matter. */
  public ClusterKeys(String namespace, String scope) {
    String trimmed = namespace.replaceAll("^/+|/+$", "");
    this.root = (trimmed.isEmpty() ? "/" : "/" + trimmed + "/") + scope + "/";
  }

  /** Prefix of all keys of this cluster. */
  public Bytes prefix() {
    return Bytes.utf8(root);
  }

  /** The part of {@code key} below {@link #prefix()}. */
  public String relative(Bytes key) {
    return key.toUtf8().substring(root.length());
  }

  Bytes of(String relative) {
    return Bytes.utf8(root + relative);
  }

  /** Holder of the lease. */
  public Bytes leader() {
    return of("leader");
  }

  Bytes initialize() {
    return of("initialize");
  }

  Bytes initializing() {
    return of("quorate/initializing");
  }

  /** The dynamic configuration. */
  public Bytes config() {
    return of("config");
  }

  Bytes status() {
    return of("status");
  }

  Bytes history() {
    return of("history");
  }

  Bytes sync() {
    return of("quorate/sync");
  }

  Bytes epoch() {
    return of("quorate/epoch");
  }

  Bytes release() {
    return of("quorate/release");
  }

  Bytes stop() {
    return of("quorate/stop");
  }

  /** Patroni's key of a pending switchover or failover, derived from the intent. */
  Bytes failover() {
    return of("failover");
  }

  Bytes intent(String slot) {
    return of("quorate/intent/" + slot);
  }

  Bytes member(MemberName name) {
    return of("members/" + name);
  }

  Bytes pledge(MemberName name) {
    return of("quorate/pledge/" + name);
  }

  Bytes dataId(MemberName name) {
    return of("quorate/data-id/" + name);
  }

  Bytes branch(TimelineId timeline) {
    return of("quorate/branch/" + timeline);
  }

  /** Report of the failover that ended this round. */
  Bytes failover(Epoch round) {
    return of("quorate/failover/" + round);
  }

  /** Prefix of the journals of all members. */
  public Bytes journal() {
    return of("quorate/journal/");
  }

  /** Prefix of one member's journal. */
  public Bytes journal(MemberName member) {
    return of("quorate/journal/" + member + "/");
  }

  Bytes journal(MemberName member, int slot) {
    return of("quorate/journal/" + member + "/" + slot);
  }
}
