package io.quorate.ha.decide;

import io.quorate.ha.model.ClusterSettings;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.TimelineId;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The quiet cluster of {@link Facts} as the store tells it: db1 is primary of epoch 10. */
public final class ViewFacts {

  private ViewFacts() {}

  /** Nobody has said yet that it is attached. */
  public static ClusterView quiet() {
    return new Facts().view();
  }

  /** db2 and db3 are attached to epoch 10. */
  public static ClusterView attached(Intent... intents) {
    Facts facts = new Facts();
    facts.attached(Facts.DB2, new Epoch(10));
    facts.attached(Facts.DB3, new Epoch(10));
    for (Intent intent : intents) {
      facts.intents.put(intent.wish().slot(), intent);
    }
    return facts.view();
  }

  /** db2 is attached to epoch 10, db3 is a witness. */
  public static ClusterView withWitness() {
    Facts facts = new Facts();
    facts.attached(Facts.DB2, new Epoch(10));
    facts.members.put(Facts.DB3, Facts.witness(Facts.DB3));
    facts.dataIds.remove(Facts.DB3);
    return facts.view();
  }

  /** Of failovers by themselves, each told of at such a time, db2 and db1 in turn. */
  public static ClusterView afterFailovers(String... told) {
    Facts facts = new Facts();
    long epoch = 10;
    for (String at : told) {
      epoch += 10;
      facts.failovers.put(
          new Epoch(epoch),
          new FailoverReport(
              new Epoch(epoch),
              "the lease ran out",
              at,
              Optional.of(Facts.DB1),
              Facts.DB2,
              TimelineId.FIRST,
              new TimelineId(2),
              Facts.HERE,
              new TreeMap<>(),
              new TreeMap<>(),
              true,
              new FailoverReport.Loss.None()));
    }
    return facts.view();
  }

  /** The key of epoch 10 is gone. */
  public static ClusterView withoutPrimary() {
    Facts facts = new Facts();
    facts.leader(Optional.empty());
    return facts.view();
  }

  /** The key of epoch 10 went in a pause, which lasts. */
  public static ClusterView pausedWithoutPrimary() {
    Facts facts = new Facts();
    facts.leader(Optional.empty());
    ClusterSettings s = facts.settings;
    facts.settings =
        new ClusterSettings(
            s.timings(),
            s.maximumLagOnFailover(),
            s.primaryStartTimeout(),
            s.primaryUnresponsiveTimeout(),
            s.failoverLimit(),
            s.failoverWindow(),
            s.useSlots(),
            s.memberSlotsTtl(),
            true,
            s.parameters());
    return facts.view();
  }

  /** {@code member}, attached to {@code epoch}. */
  static MemberInfo attached(MemberInfo member, Epoch epoch) {
    return new MemberInfo(
        member.name(),
        member.runId(),
        member.host(),
        member.port(),
        member.apiUrl(),
        member.grpcAddress(),
        member.state(),
        member.role(),
        member.version(),
        member.tags(),
        member.streaming(),
        member.timeline(),
        Optional.of(Facts.HERE),
        member.receive(),
        member.replay(),
        member.dataId(),
        Optional.of(new MemberInfo.Attachment(epoch, new EndOfWal(TimelineId.FIRST, Facts.HERE))),
        member.problem(),
        member.pendingRestart(),
        member.copy(),
        member.replayHeld());
  }

  /** {@code member}, which replays no WAL for {@code why}; empty: replays. */
  static MemberInfo held(MemberInfo member, Optional<String> why) {
    return new MemberInfo(
        member.name(),
        member.runId(),
        member.host(),
        member.port(),
        member.apiUrl(),
        member.grpcAddress(),
        member.state(),
        member.role(),
        member.version(),
        member.tags(),
        member.streaming(),
        member.timeline(),
        member.position(),
        member.receive(),
        member.replay(),
        member.dataId(),
        member.attached(),
        member.problem(),
        member.pendingRestart(),
        member.copy(),
        why);
  }

  /** {@code member}, on whose PostgreSQL {@code pending} wait for a restart. */
  static MemberInfo pending(MemberInfo member, List<PendingSetting> pending) {
    return new MemberInfo(
        member.name(),
        member.runId(),
        member.host(),
        member.port(),
        member.apiUrl(),
        member.grpcAddress(),
        member.state(),
        member.role(),
        member.version(),
        member.tags(),
        member.streaming(),
        member.timeline(),
        member.position(),
        member.receive(),
        member.replay(),
        member.dataId(),
        member.attached(),
        member.problem(),
        pending,
        member.copy(),
        member.replayHeld());
  }
}
