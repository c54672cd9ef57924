package io.quorate.ha.cluster;

import io.quorate.ha.decide.Acquisition;
import io.quorate.ha.model.Branch;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.DataId;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.Pledge;
import io.quorate.ha.model.SyncRecord;
import io.quorate.ha.model.TimelineId;
import io.quorate.store.Bytes;
import io.quorate.store.Compare;
import io.quorate.store.LeaseId;
import io.quorate.store.Op;
import io.quorate.store.Revision;
import io.quorate.store.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every write of the engine, as a transaction conditioned on what was observed. Pure: the compares
 * here are where the promises live.
 */
public final class ClusterTransactions {

  private static final int HISTORY_MAX = 200;
  private static final int REPORTS_MAX = 50;

  private final ClusterKeys keys;
  private final MemberName self;
  private final IntentTransactions intents;

  /** Transactions of {@code self}. */
  public ClusterTransactions(ClusterKeys keys, MemberName self) {
    this.keys = keys;
    this.self = self;
    this.intents = new IntentTransactions(keys);
  }

  /** Races for the making of the cluster; ends with this member's lease unless completed. */
  public Txn claimInitialize(LeaseId memberLease) {
    return Txn.when(
        List.of(
            Compare.absent(keys.initialize()),
            Compare.absent(keys.leader()),
            Compare.absent(keys.epoch())),
        List.of(
            Op.put(keys.initialize(), Bytes.EMPTY, memberLease),
            Op.put(keys.initializing(), Bytes.utf8(self.value()), memberLease)));
  }

  /** First epoch: the key, the cluster's identity, its settings, the first record. */
  public Txn acquireFirst(
      DataId dataId, long systemIdentifier, TimelineId timeline, Bytes settings, LeaseId lease) {
    return Txn.when(
        List.of(
            Compare.absent(keys.leader()),
            Compare.absent(keys.epoch()),
            Compare.hasValue(keys.initializing(), Bytes.utf8(self.value()))),
        List.of(
            Op.put(keys.leader(), Bytes.utf8(self.value()), lease),
            Op.put(
                keys.epoch(),
                RecordCodec.epoch(
                    self, dataId, timeline, new SyncRecord.Async(), EpochRecord.Cause.BOOTSTRAP)),
            Op.put(keys.initialize(), Bytes.utf8(Long.toUnsignedString(systemIdentifier))),
            Op.delete(keys.initializing()),
            Op.put(keys.dataId(self), Bytes.utf8(dataId.value())),
            Op.put(keys.config(), settings),
            Op.put(keys.history(), Bytes.utf8("[]"))));
  }

  /**
   * Takes the key after a round: nothing that the election rested on may have changed since it was
   * read. {@code seen} is what was read linearizably after the key was seen absent. The report is
   * put along with it: whatever becomes of the winner, there is one.
   */
  public Txn acquire(Acquisition acquisition, Keyspace seen, LeaseId lease, FailoverReport report) {
    List<Compare> compares = new ArrayList<>();
    compares.add(Compare.absent(keys.leader()));
    compares.add(Compare.modifiedAt(keys.epoch(), new Revision(acquisition.round().value())));
    compares.add(Compare.modifiedAt(keys.sync(), seen.modRevision(keys.sync())));
    compares.add(Compare.modifiedAt(keys.dataId(self), seen.modRevision(keys.dataId(self))));
    for (Pledge pledge : acquisition.counted()) {
      compares.add(
          Compare.modifiedAt(keys.pledge(pledge.member()), new Revision(pledge.revision())));
    }
    List<Op> ops = new ArrayList<>();
    ops.add(Op.put(keys.leader(), Bytes.utf8(self.value()), lease));
    ops.add(
        Op.put(
            keys.epoch(),
            RecordCodec.epoch(
                self,
                acquisition.dataId(),
                acquisition.timeline(),
                acquisition.sync(),
                acquisition.cause())));
    ops.add(Op.put(keys.failover(acquisition.round()), RecordCodec.report(report)));
    oldestReport(seen).ifPresent(old -> ops.add(Op.delete(old)));
    return Txn.when(compares, ops);
  }

  /**
   * Ends the epoch of a primary that is stopped, in its name: it has said so in {@code intent}, and
   * starts no primary as long as that stands as it was read.
   */
  public Txn endEpoch(Epoch epoch, Intent intent, Intent next, String why) {
    List<Op> ops = new ArrayList<>(intents.puts(next));
    ops.add(Op.delete(keys.leader()));
    ops.add(Op.put(keys.release(), RecordCodec.release(new ClusterView.Release(epoch, why, true))));
    return Txn.when(
        List.of(
            Compare.createdAt(keys.leader(), new Revision(epoch.value())),
            Compare.modifiedAt(keys.epoch(), new Revision(epoch.value())),
            intents.unchanged(intent)),
        ops);
  }

  /** {@code acquire}, as long as {@code intent} stands as it is here. */
  public Txn acquireFor(
      Intent intent, Acquisition acquisition, Keyspace seen, LeaseId lease, FailoverReport report) {
    Txn acquire = acquire(acquisition, seen, lease, report);
    List<Compare> compares = new ArrayList<>(acquire.compares());
    compares.add(intents.same(intent));
    return Txn.when(compares, acquire.then());
  }

  /** Gives the key back, leaving why. */
  public Txn release(Epoch epoch, boolean leaving, String why) {
    List<Op> ops = new ArrayList<>();
    ops.add(Op.delete(keys.leader()));
    ops.add(
        Op.put(keys.release(), RecordCodec.release(new ClusterView.Release(epoch, why, leaving))));
    if (leaving) {
      ops.add(Op.delete(keys.member(self)));
    }
    return Txn.when(List.of(Compare.createdAt(keys.leader(), new Revision(epoch.value()))), ops);
  }

  /** Publishes a pledge, as long as nobody holds the key and the round is this. */
  public Txn pledge(Pledge pledge) {
    return Txn.when(
        List.of(
            Compare.absent(keys.leader()),
            Compare.modifiedAt(keys.epoch(), new Revision(pledge.round().value()))),
        List.of(Op.put(keys.pledge(self), RecordCodec.pledge(pledge))));
  }

  /** Deletes this member's pledge. */
  public Txn withdrawPledge() {
    return Txn.of(Op.delete(keys.pledge(self)));
  }

  /** This member owns another directory from now on; what it pledged spoke of the former one. */
  public Txn dataId(DataId dataId) {
    return Txn.of(
        Op.delete(keys.pledge(self)), Op.put(keys.dataId(self), Bytes.utf8(dataId.value())));
  }

  /**
   * The branch that this member's epoch writes, with history entry and its report as it is now, and
   * those that it goes on from and nobody has published.
   */
  public Txn branch(
      Branch branch, List<Branch> earlier, Optional<FailoverReport> report, Keyspace seen) {
    List<Compare> compares = new ArrayList<>();
    compares.add(Compare.createdAt(keys.leader(), new Revision(branch.epoch().value())));
    compares.add(Compare.modifiedAt(keys.history(), seen.modRevision(keys.history())));
    List<Op> ops = new ArrayList<>();
    ops.add(Op.put(keys.branch(branch.timeline()), RecordCodec.branch(branch)));
    for (Branch before : earlier) {
      compares.add(Compare.absent(keys.branch(before.timeline())));
      ops.add(Op.put(keys.branch(before.timeline()), RecordCodec.branch(before)));
    }
    report.ifPresent(r -> {
      ops.add(Op.put(keys.history(), history(branch, r, seen)));
      seen.failoverKey(r.epoch())
          .ifPresent(key -> {
            compares.add(Compare.modifiedAt(key, seen.modRevision(key)));
            ops.add(Op.put(key, RecordCodec.report(r)));
          });
    });
    return Txn.when(compares, ops);
  }

  private static Optional<Bytes> oldestReport(Keyspace seen) {
    return seen.view().failovers().size() >= REPORTS_MAX
        ? seen.failoverKey(seen.view().failovers().firstKey())
        : Optional.empty();
  }

  private static Bytes history(Branch branch, FailoverReport report, Keyspace seen) {
    ArrayNode list = Json.MAPPER.createArrayNode();
    seen.history()
        .ifPresent(old ->
            old.valueStream().skip(Math.max(0, old.size() - HISTORY_MAX + 1)).forEach(list::add));
    ArrayNode entry = list.addArray();
    entry.add(branch.parent().value());
    entry.add(branch.fork().value());
    entry.add(report.cause());
    entry.add(report.at());
    entry.add(report.newPrimary().value());
    return Json.bytes(list);
  }

  /** Completes a report; empty where it is gone meanwhile. */
  public Optional<Txn> loss(Epoch epoch, FailoverReport.Loss loss, Keyspace seen) {
    return Optional.ofNullable(seen.view().failovers().get(epoch))
        .flatMap(report ->
            seen.failoverKey(epoch)
                .map(key ->
                    Txn.when(
                        List.of(Compare.modifiedAt(key, seen.modRevision(key))),
                        List.of(Op.put(key, RecordCodec.report(report.withLoss(loss)))))));
  }

  /** Publishes this member, and the position of the primary where it is one. */
  public Txn member(MemberInfo member, Optional<Lsn> primaryPosition, LeaseId memberLease) {
    List<Op> ops = new ArrayList<>();
    ops.add(Op.put(keys.member(self), MemberCodec.encode(member), memberLease));
    primaryPosition.ifPresent(lsn ->
        ops.add(Op.put(keys.status(), Json.bytes(Json.object().put("optime", lsn.value())))));
    return new Txn(List.of(), ops, List.of());
  }

  /** Asks these runs of agents to stop, the whole cluster at once. */
  public Txn stopCluster(List<String> runIds) {
    ObjectNode node = Json.object().put("format", 1);
    ArrayNode ids = node.putArray("run_ids");
    runIds.forEach(ids::add);
    return Txn.of(Op.put(keys.stop(), Json.bytes(node)));
  }

  /**
   * Replaces the dynamic configuration by {@code json}, if it is still the one of that revision.
   */
  public static Txn config(ClusterKeys keys, String json, Revision madeFrom) {
    return Txn.when(
        List.of(Compare.modifiedAt(keys.config(), madeFrom)),
        List.of(Op.put(keys.config(), Bytes.utf8(json))));
  }
}
