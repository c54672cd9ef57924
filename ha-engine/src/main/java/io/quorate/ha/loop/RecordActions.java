package io.quorate.ha.loop;

import io.quorate.ha.cluster.ClusterTransactions;
import io.quorate.ha.cluster.Keyspace;
import io.quorate.ha.decide.Action;
import io.quorate.ha.model.FailoverReport;
import io.quorate.store.LeaseId;
import io.quorate.store.Outcome;
import io.quorate.store.Principal;
import io.quorate.store.Txn;
import io.quorate.store.TxnResult;
import java.time.Duration;
import java.util.Optional;

/** What is written to the cluster's records, beside the key, and asked of its store and members. */
final class RecordActions {

  private static final Duration LEADERSHIP_PAUSE = Duration.ofSeconds(5);

  private final HaPorts ports;
  private final LoopMemory memory;
  private final ClusterWatch watch;
  private final MemberPublisher publisher;
  private final ClusterTransactions transactions;
  private final Reports reports;
  private final UnderWay underWay;

  RecordActions(
      HaPorts ports,
      LoopMemory memory,
      ClusterWatch watch,
      MemberPublisher publisher,
      ClusterTransactions transactions,
      Reports reports,
      UnderWay underWay) {
    this.ports = ports;
    this.memory = memory;
    this.watch = watch;
    this.publisher = publisher;
    this.transactions = transactions;
    this.reports = reports;
    this.underWay = underWay;
  }

  void claimInitialize(Action action) {
    LeaseId lease = publisher.lease();
    if (lease.equals(LeaseId.NONE)) {
      underWay.end(action, false, "not yet known to the store");
      return;
    }
    write(action, transactions.claimInitialize(lease), () -> {});
  }

  void write(Action action, Txn txn, Runnable onSuccess) {
    underWay.onOutcome(
        ports.store().txn(txn, Principal.MEMBER),
        outcome -> {
          switch (outcome) {
            case Outcome.Done<TxnResult>(TxnResult result) -> {
              memory.awaitedRevision = Math.max(memory.awaitedRevision, result.revision().value());
              if (result.succeeded()) {
                onSuccess.run();
              }
              underWay.end(action, true, result.succeeded() ? "done" : "something changed first");
            }
            case Outcome.NotDone<TxnResult>(var error) ->
                underWay.end(action, false, error.message());
            case Outcome.Unknown<TxnResult>(String reason) ->
                underWay.end(action, false, "outcome unknown: " + reason);
          }
        });
  }

  void publishBranch(Action.PublishBranch publish) {
    Keyspace seen = watch.current().orElseThrow();
    underWay.step("published");
    Optional<FailoverReport> report = reports.serving(publish.branch(), seen.view(), memory);
    write(
        publish,
        transactions.branch(publish.branch(), publish.earlier(), report, seen),
        () -> report.ifPresent(ports.events()::report));
  }

  void publishLoss(Action.PublishLoss publish) {
    Keyspace seen = watch.current().orElseThrow();
    Optional<Txn> txn = transactions.loss(publish.epoch(), publish.loss(), seen);
    if (txn.isEmpty()) {
      underWay.end(publish, true, "the report is gone");
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

  void confirmView(Action action) {
    watch.confirm(
        keyspace -> {
          memory.viewConfirmed = keyspace.view().leader().isEmpty();
          underWay.end(action, true, "revision " + keyspace.revision());
        },
        () -> underWay.end(action, false, "the store did not answer"));
  }

  void askPeer(Action.AskPeer ask) {
    underWay.onAnswer(
        ports.peers().agentAnswers(ask.member()),
        answered -> {
          memory.peers.put(ask.member(), answered);
          underWay.end(ask, true, ask.member() + (answered ? " answers" : " does not answer"));
        });
  }

  void moveLeadership(Action.MoveStoreLeadership move) {
    underWay.onOutcome(
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
