package io.quorate.ha.loop;

import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.MemberInfo;
import io.quorate.store.LeaseId;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.Renewal;
import io.quorate.store.TxnResult;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes this member under its own lease: at once when something that others act on changed,
 * else its positions now and then, and nothing at all when nothing changed. Belongs to the loop.
 */
final class MemberPublisher {

  /** Least time between two publications of mere positions. */
  private static final Duration POSITIONS = Duration.ofSeconds(2);

  private static final Duration RETRY = Duration.ofMillis(250);

  private final HaPorts ports;
  private final ClusterTransactions transactions;
  private final Supplier<HaTimings> timings;
  private final Runnable answered;

  private LeaseId lease = LeaseId.NONE;
  private boolean granting;
  private boolean writing;
  private @Nullable MemberInfo wanted;
  private Optional<Lsn> primaryPosition = Optional.empty();
  private @Nullable MemberInfo written;
  private @Nullable BootTime writtenAt;
  private boolean closed;

  /** {@code answered} is called whenever the store has renewed the member's lease. */
  MemberPublisher(
      HaPorts ports,
      ClusterTransactions transactions,
      Supplier<HaTimings> timings,
      Runnable answered) {
    this.answered = answered;
    this.ports = ports;
    this.transactions = transactions;
    this.timings = timings;
  }

  /** The member's lease; {@link LeaseId#NONE} until it is granted. */
  LeaseId lease() {
    return lease;
  }

  /** This is what others should know. */
  void publish(MemberInfo info, Optional<Lsn> position) {
    wanted = info;
    primaryPosition = position;
    write();
  }

  /** The member's key was deleted by its own release: it is not to come back. */
  void close() {
    closed = true;
  }

  private void write() {
    MemberInfo info = wanted;
    if (closed || writing || info == null || !isDue(info)) {
      return;
    }
    if (lease.equals(LeaseId.NONE)) {
      grant();
      return;
    }
    writing = true;
    LeaseId under = lease;
    var _ =
        ports
            .store()
            .txn(transactions.member(info, primaryPosition, under), Principal.MEMBER)
            .exceptionally(failure -> new Outcome.Unknown<>(failure.toString()))
            .thenAccept(outcome -> ports.executor().execute(() -> written(info, under, outcome)));
  }

  private boolean isDue(MemberInfo info) {
    MemberInfo last = written;
    BootTime at = writtenAt;
    if (last == null || at == null || !withoutPositions(last).equals(withoutPositions(info))) {
      return true;
    }
    return !last.equals(info) && at.until(ports.clock().now()).compareTo(POSITIONS) >= 0;
  }

  private static MemberInfo withoutPositions(MemberInfo m) {
    return new MemberInfo(
        m.name(),
        m.runId(),
        m.host(),
        m.port(),
        m.apiUrl(),
        m.grpcAddress(),
        m.state(),
        m.role(),
        m.version(),
        m.tags(),
        m.streaming(),
        m.timeline(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        m.dataId(),
        m.attached(),
        m.problem(),
        m.pendingRestart(),
        Optional.empty(),
        m.replayHeld());
  }

  private void written(MemberInfo info, LeaseId under, Outcome<TxnResult> outcome) {
    writing = false;
    switch (outcome) {
      case Outcome.Done<TxnResult> _ -> {
        written = info;
        writtenAt = ports.clock().now();
        write();
      }
      case Outcome.NotDone<TxnResult>(var error) -> {
        if (error.code() == io.quorate.store.StoreError.Code.LEASE_NOT_FOUND
            && lease.equals(under)) {
          lease = LeaseId.NONE;
        }
        later();
      }
      case Outcome.Unknown<TxnResult> _ -> later();
    }
  }

  private void later() {
    written = null;
    ports.scheduler().schedule(RETRY, () -> ports.executor().execute(this::write));
  }

  private void grant() {
    if (granting) {
      return;
    }
    granting = true;
    LeaseId fresh = new LeaseId(ports.random().nextLong(1, Long.MAX_VALUE));
    var _ =
        ports
            .store()
            .grantLease(fresh, timings.get().memberTtl(), Principal.MEMBER)
            .exceptionally(failure -> new Outcome.Unknown<>(failure.toString()))
            .thenAccept(outcome ->
                ports
                    .executor()
                    .execute(() -> {
                      granting = false;
                      if (outcome instanceof Outcome.Done<LeaseId>) {
                        lease = fresh;
                        keepAlive(fresh);
                        write();
                      } else {
                        later();
                      }
                    }));
  }

  private void keepAlive(LeaseId kept) {
    ports
        .scheduler()
        .schedule(
            timings.get().memberTtl().dividedBy(4),
            () ->
                ports
                    .executor()
                    .execute(() -> {
                      if (closed || !lease.equals(kept)) {
                        return;
                      }
                      var _ =
                          ports
                              .store()
                              .keepAlive(kept, Principal.MEMBER)
                              .thenAccept(renewal ->
                                  ports.executor().execute(() -> renewed(kept, renewal)));
                      keepAlive(kept);
                    }));
  }

  private void renewed(LeaseId kept, Renewal renewal) {
    if (renewal instanceof Renewal.Renewed) {
      answered.run();
    }
    if (renewal instanceof Renewal.Gone && lease.equals(kept)) {
      lease = LeaseId.NONE;
      written = null;
      write();
    }
  }
}
