package io.quorate.ha.loop;

import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.decide.Acquisition;
import io.quorate.ha.decide.Action;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PromotionNote;
import io.quorate.store.LeaseId;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** What is done to the leader key: taking it, asking for it again, giving it back. */
final class KeyActions {

  /** A lease granted longer ago is left to expire: too little of it would be left. */
  private static final Duration READY_LEASE = Duration.ofMillis(700);

  private final HaConfig config;
  private final HaPorts ports;
  private final LoopMemory memory;
  private final PrimaryHold hold;
  private final NodeNotes notes;
  private final ClusterWatch watch;
  private final MemberPublisher publisher;
  private final ClusterTransactions transactions;
  private final Reports reports;
  private final UnderWay underWay;

  KeyActions(
      HaConfig config,
      HaPorts ports,
      LoopMemory memory,
      PrimaryHold hold,
      NodeNotes notes,
      ClusterWatch watch,
      MemberPublisher publisher,
      ClusterTransactions transactions,
      Reports reports,
      UnderWay underWay) {
    this.config = config;
    this.ports = ports;
    this.memory = memory;
    this.hold = hold;
    this.notes = notes;
    this.watch = watch;
    this.publisher = publisher;
    this.transactions = transactions;
    this.reports = reports;
    this.underWay = underWay;
  }

  void acquireFirst(Action.AcquireFirst first) {
    acquire(
        first,
        Optional.empty(),
        lease ->
            transactions.acquireFirst(
                first.dataId(),
                first.systemIdentifier(),
                first.timeline(),
                config.bootstrapValue(),
                lease));
  }

  void acquire(Action.Acquire acquire) {
    Keyspace seen = watch.current().orElseThrow();
    FailoverReport report =
        reports.acquired(acquire.acquisition(), seen.view(), seen.view().release());
    acquire(
        acquire,
        Optional.of(acquire.acquisition()),
        lease -> transactions.acquire(acquire.acquisition(), seen, lease, report));
  }

  private void acquire(Action action, Optional<Acquisition> taken, Function<LeaseId, Txn> txn) {
    withLease(
        action,
        lease ->
            underWay.onOutcome(
                ports.store().txn(txn.apply(lease.lease()), Principal.MEMBER),
                outcome -> acquired(action, taken, lease, outcome)));
  }

  void prepare(Action action) {
    HaTimings timings = reports.timings(watch, config);
    BootTime sentAt = ports.clock().now();
    var _ = ports.guardian().arm(sentAt.plus(timings.holdFor()));
    LeaseId lease = new LeaseId(ports.random().nextLong(1, Long.MAX_VALUE));
    underWay.onOutcome(
        ports.store().grantLease(lease, timings.ttl(), Principal.MEMBER),
        granted -> {
          boolean ready = granted instanceof Outcome.Done<LeaseId>;
          memory.readyLease =
              ready
                  ? Optional.of(new LoopMemory.ReadyLease(lease, sentAt, timings.ttl()))
                  : Optional.empty();
          underWay.end(action, true, ready ? "lease" : "no lease: " + granted);
        });
  }

  private void withLease(Action action, Consumer<LoopMemory.ReadyLease> then) {
    Optional<LoopMemory.ReadyLease> ready =
        memory.readyLease.filter(
            r -> r.sentAt().until(ports.clock().now()).compareTo(READY_LEASE) < 0);
    memory.readyLease = Optional.empty();
    if (ready.isPresent()) {
      memory.pendingLease = ready.get().lease().value();
      then.accept(ready.get());
      return;
    }
    LeaseId lease = new LeaseId(ports.random().nextLong(1, Long.MAX_VALUE));
    Duration ttl = reports.timings(watch, config).ttl();
    BootTime sentAt = ports.clock().now();
    underWay.onOutcome(
        ports.store().grantLease(lease, ttl, Principal.MEMBER),
        granted -> {
          if (!(granted instanceof Outcome.Done<LeaseId>)) {
            underWay.end(action, false, "no lease: " + granted);
            return;
          }
          memory.pendingLease = lease.value();
          then.accept(new LoopMemory.ReadyLease(lease, sentAt, ttl));
        });
  }

  /** The lease first: nothing is ended before it can be followed by something. */
  void takeOver(Action.TakeOver takeOver) {
    Keyspace seen = watch.current().orElseThrow();
    Acquisition acquisition = takeOver.acquisition();
    Intent stopped = takeOver.intent();
    String why = "to " + config.name() + ", asked by " + stopped.requester();
    Intent handing =
        stopped.with(
            stopped.progress().with(Intent.State.HANDING_OVER, config.name() + " takes the key"));
    FailoverReport report =
        reports.acquired(
            acquisition,
            seen.view(),
            Optional.of(new ClusterView.Release(acquisition.round(), why, true)));
    withLease(
        takeOver,
        lease ->
            underWay.onOutcome(
                ports
                    .store()
                    .txn(
                        transactions.endEpoch(acquisition.round(), stopped, handing, why),
                        Principal.MEMBER),
                ended -> {
                  if (ended instanceof Outcome.Done<TxnResult>(TxnResult result)
                      && result.succeeded()) {
                    Intent stands = handing.at(result.revision().value());
                    underWay.onOutcome(
                        ports
                            .store()
                            .txn(
                                transactions.acquireFor(
                                    stands, acquisition, seen, lease.lease(), report),
                                Principal.MEMBER),
                        outcome -> acquired(takeOver, Optional.of(acquisition), lease, outcome));
                  } else {
                    acquired(takeOver, Optional.empty(), lease, ended);
                  }
                }));
  }

  private void acquired(
      Action action,
      Optional<Acquisition> taken,
      LoopMemory.ReadyLease lease,
      Outcome<TxnResult> outcome) {
    switch (outcome) {
      case Outcome.Done<TxnResult>(TxnResult result) when result.succeeded() -> {
        Epoch epoch = new Epoch(result.revision().value());
        memory.awaitedRevision = result.revision().value();
        memory.promoted = Optional.empty();
        underWay.step("acquired");
        hold.take(epoch, lease.sentAt(), lease.ttl());
        UnaryOperator<NodeState> holding =
            notes.holding(new NodeState.HoldNote(epoch, lease.lease().value()));
        Optional<PromotionNote> promotion =
            taken
                .filter(a -> a.cause() != EpochRecord.Cause.RETAKEN)
                .map(a -> new PromotionNote(epoch, a.end(), a.timeline()));
        notes.save(
            state -> {
              NodeState held = holding.apply(state);
              return promotion.map(held::withPromotion).orElse(held);
            },
            saved -> underWay.end(action, saved, "epoch " + epoch));
      }
      case Outcome.Done<TxnResult> done -> {
        memory.pendingLease = 0;
        memory.viewConfirmed = false;
        var _ = ports.store().revokeLease(lease.lease(), Principal.MEMBER);
        underWay.end(
            action, true, "something changed first (revision " + done.value().revision() + ")");
      }
      case Outcome.NotDone<TxnResult>(var error) -> {
        memory.pendingLease = 0;
        memory.viewConfirmed = false;
        underWay.end(action, false, error.message());
      }
      case Outcome.Unknown<TxnResult>(String reason) ->
          // It may have landed, or may yet: the view will tell by the lease under the key.
          underWay.end(action, false, "outcome unknown: " + reason);
    }
  }

  void resume(Action action, NodeState.HoldNote note) {
    if (memory.durable.hold().equals(Optional.of(note))) {
      hold.resume(note.epoch());
      ports
          .scheduler()
          .schedule(
              reports.timings(watch, config).renewEvery(),
              () -> ports.executor().execute(() -> askedOnce(action)));
    } else {
      notes.save(
          notes.holding(note),
          saved -> {
            if (saved) {
              hold.resume(note.epoch());
            }
            underWay.end(action, saved, "noted");
          });
    }
  }

  /** Asked for again and again until it is answered: the answer is what is told. */
  private void askedOnce(Action action) {
    underWay.done(action);
  }

  void letLapse(Action.LetLapse lapse) {
    hold.letLapse(lapse.epoch(), lapse.why());
    underWay.end(lapse, true, lapse.why());
  }

  void release(Action.Release release) {
    underWay.onOutcome(
        ports
            .store()
            .txn(
                transactions.release(release.epoch(), release.leaving(), release.why()),
                Principal.MEMBER),
        outcome -> {
          switch (outcome) {
            case Outcome.Done<TxnResult>(TxnResult result) -> {
              memory.awaitedRevision = result.revision().value();
              hold.gaveBack();
              if (release.leaving()) {
                publisher.close();
              }
              notes.save(
                  NodeNotes.forgetting(release.epoch()),
                  saved -> underWay.end(release, saved, release.why()));
            }
            case Outcome.NotDone<TxnResult>(var error) ->
                underWay.end(release, false, error.message());
            case Outcome.Unknown<TxnResult>(String reason) -> {
              hold.gaveBack();
              underWay.end(release, false, "outcome unknown: " + reason);
            }
          }
        });
  }
}
