package io.quorate.ha.loop;

import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.decide.Acquisition;
import io.quorate.ha.decide.Action;
import io.quorate.ha.decide.Hold;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
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
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** What is done to the leader key: taking it, asking for it again, giving it back. */
final class KeyActions {

  /** A lease granted longer ago is left to expire: too little of it would be left. */
  private static final Duration READY_LEASE = Duration.ofMillis(700);

  /** So long giving the key back waits for the disk. */
  private static final Duration NOTING = Duration.ofMillis(500);

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
        lease ->
            acquire
                .wish()
                .map(wish ->
                    transactions.acquireFor(wish, acquire.acquisition(), seen, lease, report))
                .orElseGet(() -> transactions.acquire(acquire.acquisition(), seen, lease, report)));
  }

  private void acquire(Action action, Optional<Acquisition> taken, Function<LeaseId, Txn> txn) {
    withLease(
        action,
        taken,
        lease ->
            underWay.onOutcome(
                ports.store().txn(txn.apply(lease.lease()), Principal.MEMBER),
                outcome -> acquired(action, taken, lease, outcome)));
  }

  void prepare(Action.PrepareTakeOver prepare) {
    memory.prepared = Optional.of(prepare.occasion());
    ports.guardian().prepare();
    grant(
        lease -> {
          memory.readyLease = Optional.of(lease);
          underWay.end(prepare, true, "lease");
        },
        why -> underWay.end(prepare, true, why));
  }

  private void grant(Consumer<LoopMemory.ReadyLease> then, Consumer<String> failed) {
    LeaseId lease = new LeaseId(ports.random().nextLong(1, Long.MAX_VALUE));
    Duration ttl = reports.timings(watch, config).ttl();
    BootTime sentAt = ports.clock().now();
    underWay.onOutcome(
        ports.store().grantLease(lease, ttl, Principal.MEMBER),
        granted -> {
          if (granted instanceof Outcome.Done<LeaseId>) {
            then.accept(new LoopMemory.ReadyLease(lease, sentAt, ttl));
          } else {
            failed.accept("no lease: " + granted);
          }
        });
  }

  private void withLease(
      Action action, Optional<Acquisition> taken, Consumer<LoopMemory.ReadyLease> then) {
    Optional<LoopMemory.ReadyLease> ready =
        memory.readyLease.filter(
            r -> r.sentAt().until(ports.clock().now()).compareTo(READY_LEASE) < 0);
    memory.readyLease = Optional.empty();
    if (ready.isPresent()) {
      pending(ready.get(), taken);
      then.accept(ready.get());
      return;
    }
    grant(
        lease -> {
          pending(lease, taken);
          then.accept(lease);
        },
        why -> underWay.end(action, false, why));
  }

  private void pending(LoopMemory.ReadyLease lease, Optional<Acquisition> taken) {
    memory.pendingLease = lease.lease().value();
    memory.pendingAcquisition = taken;
  }

  /**
   * The lease first: nothing is ended before it can be followed by something. Then both
   * transactions at once: where the second arrives first it does nothing, and is sent again.
   */
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
    Txn end = transactions.endEpoch(acquisition.round(), stopped, handing, why);
    withLease(
        takeOver,
        Optional.of(acquisition),
        lease -> {
          Txn acquire = transactions.acquireFor(handing, acquisition, seen, lease.lease(), report);
          CompletionStage<Outcome<TxnResult>> ended = send(end);
          underWay.on(
              send(acquire).thenCombine(ended, (second, first) -> new HandOver(first, second)),
              reason -> new HandOver(new Outcome.Unknown<>(reason), new Outcome.Unknown<>(reason)),
              both -> {
                if (both.overtook()) {
                  underWay.onOutcome(
                      send(acquire),
                      again -> acquired(takeOver, Optional.of(acquisition), lease, again));
                } else {
                  acquired(takeOver, Optional.of(acquisition), lease, both.outcome());
                }
              });
        });
  }

  private CompletionStage<Outcome<TxnResult>> send(Txn txn) {
    return ports.store().txn(txn, Principal.MEMBER);
  }

  /** Outcomes of the two transactions of a hand-over, which arrive in any order. */
  private record HandOver(Outcome<TxnResult> ended, Outcome<TxnResult> acquired) {

    /** What was acquired was acquired after the end. */
    Outcome<TxnResult> outcome() {
      boolean tells =
          succeeded(ended) || succeeded(acquired) || acquired instanceof Outcome.Unknown<TxnResult>;
      return tells ? acquired : ended;
    }

    boolean overtook() {
      return succeeded(ended)
          && acquired instanceof Outcome.Done<TxnResult>
          && !succeeded(acquired);
    }

    private static boolean succeeded(Outcome<TxnResult> outcome) {
      return outcome instanceof Outcome.Done<TxnResult>(TxnResult result) && result.succeeded();
    }
  }

  /** The notes take their time meanwhile; a guardian that does not answer is asked for again. */
  private void armAtOnce() {
    if (memory.durable.paused() || ports.guardian().armed()) {
      return;
    }
    if (hold.current(ports.clock().now()) instanceof Hold.Held held) {
      underWay.onAnswer(ports.guardian().arm(held.deadline()), _ -> underWay.again());
    }
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
        armAtOnce();
        notes.save(
            noting(new NodeState.HoldNote(epoch, lease.lease().value()), taken),
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

  /** The hold, and from where this member promotes under it. */
  private UnaryOperator<NodeState> noting(NodeState.HoldNote note, Optional<Acquisition> taken) {
    UnaryOperator<NodeState> holding = notes.holding(note);
    Optional<PromotionNote> promotion =
        taken
            .filter(a -> a.cause() != EpochRecord.Cause.RETAKEN)
            .map(a -> new PromotionNote(note.epoch(), a.end(), a.timeline()));
    return state -> {
      NodeState held = holding.apply(state);
      return promotion
          .filter(p -> !held.promotions().contains(p))
          .map(held::withPromotion)
          .orElse(held);
    };
  }

  /** Also of an acquisition whose answer was lost, and that has landed as it was asked for. */
  void resume(Action action, NodeState.HoldNote note) {
    if (memory.durable.hold().equals(Optional.of(note))) {
      hold.resume(note.epoch());
      ports
          .scheduler()
          .schedule(
              reports.timings(watch, config).renewEvery(),
              () -> ports.executor().execute(() -> askedOnce(action)));
    } else {
      Optional<Acquisition> landed =
          memory.pendingAcquisition.filter(_ -> note.leaseId() == memory.pendingLease);
      notes.save(
          noting(note, landed),
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
    // The key still stands under this lease, whose acquisition's answer was not lost.
    memory.pendingLease = 0;
    underWay.end(lapse, true, lapse.why());
  }

  /**
   * First it is noted that nothing begins under the key any more: a run of the agent that is cut
   * off after the request was sent may be followed by one that finds the key still standing, and
   * the request lands later. A disk that is full or hangs does not keep the key.
   */
  void release(Action.Release release) {
    AtomicBoolean sent = new AtomicBoolean();
    Runnable once =
        () -> {
          if (sent.compareAndSet(false, true)) {
            giveBack(release);
          }
        };
    notes.save(state -> state.withFloorAtLeast(release.epoch()), _ -> once.run());
    if (!sent.get()) {
      ports.scheduler().schedule(NOTING, () -> ports.executor().execute(once));
    }
  }

  private void giveBack(Action.Release release) {
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
              // It may land yet, and the key be seen until then: whoever finds that it stands must
              // not start a primary under it.
              hold.gaveBack();
              notes.save(
                  state -> state.withFloorAtLeast(release.epoch()),
                  _ -> underWay.end(release, false, "outcome unknown: " + reason));
            }
          }
        });
  }
}
