package io.quorate.ha.loop;

import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.IntentTransactions;
import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.decide.Acquisition;
import io.quorate.ha.decide.Action;
import io.quorate.ha.decide.FrozenWal;
import io.quorate.ha.decide.Observation;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.HaTimings;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberInfo;
import io.quorate.ha.model.NodeState;
import io.quorate.ha.model.PromotionNote;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.store.LeaseId;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Does what was decided, and notes in the memory how it ended. One branch for each action. Belongs
 * to the loop; waits for nothing.
 */
final class ActionRunner {

  /** What the runner needs of the loop. */
  interface Loop {
    /** Decide anew. */
    void wake();

    /** Look at PostgreSQL, and only then call {@code then}. */
    void sampleThen(Runnable then);

    /** The agent may end. */
    void exit();
  }

  /** A lease granted longer ago is left to expire: too little of it would be left. */
  private static final Duration READY_LEASE = Duration.ofMillis(700);

  private static final Duration LEADERSHIP_PAUSE = Duration.ofSeconds(5);

  private final HaConfig config;
  private final HaPorts ports;
  private final LoopMemory memory;
  private final PrimaryHold hold;
  private final NodeNotes notes;
  private final ClusterWatch watch;
  private final MemberPublisher publisher;
  private final ClusterTransactions transactions;
  private final IntentTransactions intents;
  private final Reports reports;
  private final Loop loop;

  ActionRunner(
      HaConfig config,
      HaPorts ports,
      LoopMemory memory,
      PrimaryHold hold,
      ClusterWatch watch,
      MemberPublisher publisher,
      ClusterTransactions transactions,
      IntentTransactions intents,
      Loop loop) {
    this.config = config;
    this.ports = ports;
    this.memory = memory;
    this.hold = hold;
    this.notes = new NodeNotes(ports, memory, hold);
    this.watch = watch;
    this.publisher = publisher;
    this.transactions = transactions;
    this.intents = intents;
    this.reports = new Reports(config.name(), ports.wallClock());
    this.loop = loop;
  }

  /** Whether {@code action} would begin now: neither it nor, exclusive, any other is under way. */
  boolean wouldStart(Action action) {
    return !memory.inFlight.contains(action.name())
        && (!action.exclusive() || memory.busy.isEmpty());
  }

  /** Starts {@code action} unless it, or for an exclusive one any exclusive one, is under way. */
  void start(Action action) {
    if (!wouldStart(action)) {
      return;
    }
    memory.inFlight.add(action.name());
    if (action.exclusive()) {
      memory.busy = Optional.of(new Observation.Busy(action.name(), ports.clock().now()));
    }
    switch (action) {
      case Action.Run run -> run(run);
      case Action.ReadEndOfWal _ -> readEndOfWal(action);
      case Action.KeepDiverged(var from, EndOfWal to) ->
          on(
              ports.postgres().keepDiverged(from, to),
              result -> {
                if (result instanceof OperationResult.Kept kept) {
                  memory.loss = Optional.of(Reports.loss(kept));
                  end(action, true, kept.toString());
                } else {
                  end(action, false, result.toString());
                }
              });
      case Action.SaveState(NodeState state) -> {
        NodeState seen = memory.durable;
        notes.save(
            current -> current.withChanges(seen, state),
            saved -> end(action, saved, "durable state"));
      }
      case Action.Fence(String why) -> fence(action, why);
      case Action.ConfirmView _ ->
          watch.confirm(
              keyspace -> {
                memory.viewConfirmed = keyspace.view().leader().isEmpty();
                end(action, true, "revision " + keyspace.revision());
              },
              () -> end(action, false, "the store did not answer"));
      case Action.AskPeer ask ->
          on(
              ports.peers().agentAnswers(ask.member()),
              answered -> {
                memory.peers.put(ask.member(), answered);
                end(action, true, ask.member() + (answered ? " answers" : " does not answer"));
              });
      case Action.ClaimInitialize _ -> claimInitialize(action);
      case Action.AcquireFirst first ->
          acquire(
              action,
              Optional.empty(),
              lease ->
                  transactions.acquireFirst(
                      first.dataId(),
                      first.systemIdentifier(),
                      first.timeline(),
                      config.bootstrapValue(),
                      lease));
      case Action.Acquire acquire -> {
        Keyspace seen = watch.current().orElseThrow();
        FailoverReport report =
            reports.acquired(acquire.acquisition(), seen.view(), seen.view().release());
        acquire(
            action,
            Optional.of(acquire.acquisition()),
            lease -> transactions.acquire(acquire.acquisition(), seen, lease, report));
      }
      case Action.PrepareTakeOver _ -> prepare(action);
      case Action.TakeOver takeOver -> takeOver(takeOver);
      case Action.Advance(Intent next) -> write(action, intents.advance(next), () -> {});
      case Action.ResumeHold(NodeState.HoldNote note) -> resume(action, note);
      case Action.Release release -> release(release);
      case Action.PublishPledge(var pledge) ->
          write(action, transactions.pledge(pledge), () -> step("pledged"));
      case Action.WithdrawPledge _ -> write(action, transactions.withdrawPledge(), () -> {});
      case Action.PublishDataId(var dataId) -> write(action, transactions.dataId(dataId), () -> {});
      case Action.PublishBranch publish -> publishBranch(publish);
      case Action.PublishLoss publish -> publishLoss(publish);
      case Action.ArmGuardian _ -> armGuardian(action);
      case Action.DisarmGuardian _ ->
          on(ports.guardian().disarm(), done -> end(action, done, "guardian"));
      case Action.MoveStoreLeadership move -> moveLeadership(move);
      case Action.Exit _ -> {
        memory.inFlight.remove(action.name());
        loop.exit();
      }
    }
  }

  private <T> void on(CompletionStage<T> stage, Consumer<T> then) {
    var _ = stage.thenAccept(value -> ports.executor().execute(() -> then.accept(value)));
  }

  private void end(Action action, boolean success, String detail) {
    end(action, success, detail, false);
  }

  private void end(Action action, boolean success, String detail, boolean needsRebuild) {
    BootTime now = ports.clock().now();
    over(action);
    if (success) {
      memory.succeeded(action.name());
    } else {
      memory.failed(action.name(), detail, needsRebuild, now);
    }
    ports.events().acted(now, action.name(), success, detail);
    loop.wake();
  }

  private void over(Action action) {
    memory.inFlight.remove(action.name());
    if (action.exclusive()) {
      memory.busy = Optional.empty();
    }
  }

  private void step(String name) {
    memory.step(name, ports.clock().now());
  }

  // PostgreSQL

  private void run(Action.Run run) {
    Optional<EndOfWal> proof = memory.stoppedEnd.or(() -> memory.frozen.map(FrozenWal::end));
    memory.forgetWal(run.operation());
    on(
        ports.postgres().run(run.operation()),
        result -> {
          if (result instanceof OperationResult.Failed(String reason, boolean needsRebuild)) {
            loop.sampleThen(() -> runFailed(run, proof, reason, needsRebuild));
          } else {
            noteResult(run, result, proof);
            loop.sampleThen(() -> end(run, true, result.toString()));
          }
        });
  }

  private void runFailed(
      Action.Run run, Optional<EndOfWal> proof, String reason, boolean needsRebuild) {
    if (run.operation() instanceof PostgresOperation.Rewind) {
      // Still where the WAL ended before, as far back as the next attempt has to go.
      memory.stoppedEnd = proof;
    }
    if (needsRebuild && memory.rewindCutOff) {
      // The rewind that was cut off had been complete: there is nothing left to rewind.
      rewound(run);
      end(run, true, "nothing left to rewind: it was complete before");
    } else {
      end(run, false, reason, needsRebuild);
    }
  }

  private void noteResult(Action.Run run, OperationResult result, Optional<EndOfWal> proof) {
    switch (result) {
      case OperationResult.Frozen(EndOfWal end) -> {
        if (run.operation() instanceof PostgresOperation.Freeze(Epoch name, var _)) {
          memory.frozen = Optional.of(new FrozenWal(name, end));
          step("stopped receiving");
        } else if (run.operation() instanceof PostgresOperation.HandOver) {
          memory.stoppedEnd = Optional.of(end);
        }
      }
      case OperationResult.Promoted promoted -> {
        memory.promoted = Optional.of(promoted);
        step("promoted");
      }
      case OperationResult.Rewound _ -> rewound(run);
      case OperationResult.Succeeded() -> {
        switch (run.operation()) {
          case PostgresOperation.Follow follow -> {
            memory.attached =
                proof.map(end -> new MemberInfo.Attachment(follow.source().epoch(), end));
            memory.rewoundTo = Optional.empty();
          }
          case PostgresOperation.Reload reload -> memory.reloaded = Optional.of(reload.wish());
          case PostgresOperation.Checkpoint _ ->
              memory.checkpointAt = Optional.of(ports.clock().now());
          case PostgresOperation.Clone _,
              PostgresOperation.RemoveData _,
              PostgresOperation.InitDb _,
              PostgresOperation.Adopt _,
              PostgresOperation.StartPrimary _,
              PostgresOperation.Freeze _,
              PostgresOperation.Promote _,
              PostgresOperation.Rewind _,
              PostgresOperation.HandOver _,
              PostgresOperation.Stop _,
              PostgresOperation.EnsureSlots _ -> {}
        }
      }
      case OperationResult.Initialized _, OperationResult.Kept _, OperationResult.Failed _ -> {}
    }
  }

  private void rewound(Action.Run run) {
    if (run.operation() instanceof PostgresOperation.Rewind rewind) {
      memory.rewoundTo = Optional.of(rewind.source().epoch());
      memory.rewindCutOff = false;
    }
  }

  private void readEndOfWal(Action action) {
    on(
        ports.postgres().endOfWal(),
        result -> {
          if (result instanceof OperationResult.Frozen(EndOfWal end)) {
            memory.stoppedEnd = Optional.of(end);
            end(action, true, end.toString());
          } else {
            end(action, false, result.toString());
          }
        });
  }

  private void fence(Action action, String why) {
    on(
        ports.postgres().fence(why),
        result ->
            loop.sampleThen(() ->
                end(
                    action,
                    !(result instanceof OperationResult.Failed),
                    result instanceof OperationResult.Failed(String reason, boolean _)
                        ? reason
                        : why)));
  }

  private void armGuardian(Action action) {
    BootTime now = ports.clock().now();
    if (hold.current(now) instanceof io.quorate.ha.decide.Hold.Held held) {
      on(
          ports.guardian().arm(held.deadline()),
          armed -> end(action, armed, armed ? "watching" : "it did not start"));
    } else {
      end(action, false, "no hold to guard");
    }
  }

  // The key

  private void claimInitialize(Action action) {
    LeaseId lease = publisher.lease();
    if (lease.equals(LeaseId.NONE)) {
      end(action, false, "not yet known to the store");
      return;
    }
    write(action, transactions.claimInitialize(lease), () -> {});
  }

  private void acquire(Action action, Optional<Acquisition> taken, Function<LeaseId, Txn> txn) {
    withLease(
        action,
        lease ->
            on(
                ports.store().txn(txn.apply(lease.lease()), Principal.MEMBER),
                outcome -> acquired(action, taken, lease, outcome)));
  }

  private void prepare(Action action) {
    HaTimings timings = reports.timings(watch, config);
    BootTime sentAt = ports.clock().now();
    var _ = ports.guardian().arm(sentAt.plus(timings.holdFor()));
    LeaseId lease = new LeaseId(ports.random().nextLong(1, Long.MAX_VALUE));
    on(
        ports.store().grantLease(lease, timings.ttl(), Principal.MEMBER),
        granted -> {
          boolean ready = granted instanceof Outcome.Done<LeaseId>;
          memory.readyLease =
              ready
                  ? Optional.of(new LoopMemory.ReadyLease(lease, sentAt, timings.ttl()))
                  : Optional.empty();
          end(action, true, ready ? "lease" : "no lease: " + granted);
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
    on(
        ports.store().grantLease(lease, ttl, Principal.MEMBER),
        granted -> {
          if (!(granted instanceof Outcome.Done<LeaseId>)) {
            end(action, false, "no lease: " + granted);
            return;
          }
          memory.pendingLease = lease.value();
          then.accept(new LoopMemory.ReadyLease(lease, sentAt, ttl));
        });
  }

  /** The lease first: nothing is ended before it can be followed by something. */
  private void takeOver(Action.TakeOver takeOver) {
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
            on(
                ports
                    .store()
                    .txn(
                        transactions.endEpoch(acquisition.round(), stopped, handing, why),
                        Principal.MEMBER),
                ended -> {
                  if (ended instanceof Outcome.Done<TxnResult>(TxnResult result)
                      && result.succeeded()) {
                    Intent stands = handing.at(result.revision().value());
                    on(
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
        step("acquired");
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
            saved -> end(action, saved, "epoch " + epoch));
      }
      case Outcome.Done<TxnResult> done -> {
        memory.pendingLease = 0;
        memory.viewConfirmed = false;
        var _ = ports.store().revokeLease(lease.lease(), Principal.MEMBER);
        end(action, true, "something changed first (revision " + done.value().revision() + ")");
      }
      case Outcome.NotDone<TxnResult>(var error) -> {
        memory.pendingLease = 0;
        memory.viewConfirmed = false;
        end(action, false, error.message());
      }
      case Outcome.Unknown<TxnResult>(String reason) ->
          // It may have landed, or may yet: the view will tell by the lease under the key.
          end(action, false, "outcome unknown: " + reason);
    }
  }

  private void resume(Action action, NodeState.HoldNote note) {
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
            end(action, saved, "noted");
          });
    }
  }

  /** Asked for again and again until it is answered: the answer is what is told. */
  private void askedOnce(Action action) {
    over(action);
    memory.succeeded(action.name());
    loop.wake();
  }

  private void release(Action.Release release) {
    on(
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
                  saved -> end(release, saved, release.why()));
            }
            case Outcome.NotDone<TxnResult>(var error) -> end(release, false, error.message());
            case Outcome.Unknown<TxnResult>(String reason) -> {
              hold.gaveBack();
              end(release, false, "outcome unknown: " + reason);
            }
          }
        });
  }

  // The cluster's records

  private void write(Action action, Txn txn, Runnable onSuccess) {
    on(
        ports.store().txn(txn, Principal.MEMBER),
        outcome -> {
          switch (outcome) {
            case Outcome.Done<TxnResult>(TxnResult result) -> {
              memory.awaitedRevision = Math.max(memory.awaitedRevision, result.revision().value());
              if (result.succeeded()) {
                onSuccess.run();
              }
              end(action, true, result.succeeded() ? "done" : "something changed first");
            }
            case Outcome.NotDone<TxnResult>(var error) -> end(action, false, error.message());
            case Outcome.Unknown<TxnResult>(String reason) ->
                end(action, false, "outcome unknown: " + reason);
          }
        });
  }

  private void publishBranch(Action.PublishBranch publish) {
    Keyspace seen = watch.current().orElseThrow();
    step("published");
    Optional<FailoverReport> report = reports.serving(publish.branch(), seen.view(), memory);
    write(
        publish,
        transactions.branch(publish.branch(), report, seen),
        () -> report.ifPresent(ports.events()::report));
  }

  private void publishLoss(Action.PublishLoss publish) {
    Keyspace seen = watch.current().orElseThrow();
    Optional<Txn> txn = transactions.loss(publish.epoch(), publish.loss(), seen);
    if (txn.isEmpty()) {
      end(publish, true, "the report is gone");
      return;
    }
    FailoverReport report =
        java.util.Objects.requireNonNull(seen.view().failovers().get(publish.epoch()));
    write(
        publish,
        txn.get(),
        () -> {
          ports.events().report(report.withLoss(publish.loss()));
        });
  }

  private void moveLeadership(Action.MoveStoreLeadership move) {
    on(
        ports.store().transferLeadership(move.to()),
        outcome -> {
          boolean done = outcome instanceof Outcome.Done<String>;
          ports.events().acted(ports.clock().now(), move.name(), done, outcome.toString());
          // In flight a while longer: not to be tried again at once, whatever the outcome.
          ports
              .scheduler()
              .schedule(
                  LEADERSHIP_PAUSE,
                  () -> ports.executor().execute(() -> memory.inFlight.remove(move.name())));
        });
  }
}
