package io.quorate.ha.loop;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.Guardian;
import io.quorate.ha.port.NodeStateStore;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresControl;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.store.Bytes;
import io.quorate.store.LeaseId;
import io.quorate.store.OpResult;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.RangeQuery;
import io.quorate.store.ReadMode;
import io.quorate.store.Renewal;
import io.quorate.store.Revision;
import io.quorate.store.Store;
import io.quorate.store.StoreStatus;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.store.WatchListener;
import io.quorate.store.WatchQuery;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A machine on which everything asked for ends in an exception. */
final class BrokenMachine implements Store, PostgresControl, NodeStateStore, Guardian {

  /** Whether leases are granted all the same. */
  boolean grants;

  /** Whether notes are durable all the same. */
  boolean saves;

  /** Whether what is written to the disk neither succeeds nor fails. */
  boolean hangs;

  /** Told of each transaction that is sent. */
  Runnable onTxn = () -> {};

  private static <T> CompletionStage<T> breaks() {
    return CompletableFuture.failedFuture(new IllegalStateException("broken"));
  }

  @Override
  public CompletionStage<OperationResult> run(PostgresOperation operation) {
    return breaks();
  }

  @Override
  public CompletionStage<PostgresStatus> sample() {
    return breaks();
  }

  @Override
  public CompletionStage<OperationResult> endOfWal() {
    return breaks();
  }

  @Override
  public CompletionStage<OperationResult> keepDiverged(Lsn from, EndOfWal to) {
    return breaks();
  }

  @Override
  public CompletionStage<OperationResult> fence(String reason) {
    return breaks();
  }

  @Override
  public void onProcessChange(Runnable listener) {}

  @Override
  public NodeState load() {
    return NodeState.EMPTY;
  }

  @Override
  public CompletionStage<Boolean> save(NodeState state) {
    if (hangs) {
      return new CompletableFuture<>();
    }
    return saves ? CompletableFuture.completedFuture(true) : breaks();
  }

  @Override
  public CompletionStage<Boolean> arm(BootTime aliveUntil) {
    return breaks();
  }

  @Override
  public void feed(BootTime aliveUntil) {}

  @Override
  public CompletionStage<Boolean> disarm() {
    return breaks();
  }

  @Override
  public boolean armed() {
    return false;
  }

  @Override
  public CompletionStage<Outcome<TxnResult>> txn(Txn txn, Principal principal) {
    onTxn.run();
    return breaks();
  }

  @Override
  public CompletionStage<Outcome<OpResult.Range>> range(RangeQuery query, ReadMode mode) {
    return breaks();
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> grantLease(
      LeaseId id, Duration ttl, Principal principal) {
    return grants ? CompletableFuture.completedFuture(new Outcome.Done<>(id)) : breaks();
  }

  @Override
  public CompletionStage<Outcome<LeaseId>> revokeLease(LeaseId id, Principal principal) {
    return breaks();
  }

  @Override
  public CompletionStage<Renewal> keepAlive(LeaseId id, Principal principal) {
    return breaks();
  }

  @Override
  public CompletionStage<Renewal> renewHold(Bytes key, Revision createRevision) {
    return breaks();
  }

  @Override
  public Watch watch(WatchQuery query, WatchListener listener) {
    return () -> {};
  }

  @Override
  public CompletionStage<Outcome<Revision>> guardPrefix(Bytes prefix) {
    return breaks();
  }

  @Override
  public StoreStatus status() {
    return new StoreStatus(
        Optional.empty(), false, 0, 0, 0, new Revision(0), List.of(), Optional.empty());
  }

  @Override
  public void onStatusChange(Consumer<StoreStatus> listener) {}

  @Override
  public CompletionStage<Outcome<String>> transferLeadership(String member) {
    return breaks();
  }

  @Override
  public void close() {}
}
