package io.quorate.rpc.grpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.ha.journal.JournalReader;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.JournalEntry;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.proto.admin.v1.ExplainRequest;
import io.quorate.proto.admin.v1.Explanation;
import io.quorate.time.BootTime;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Why things are as they are. */
final class ExplainCalls {

  /** What belongs to a failover: from two leases before it to after the others have attached. */
  private static final Duration AFTER = Duration.ofSeconds(30);

  private final JournalReader journal;

  ExplainCalls(JournalReader journal) {
    this.journal = journal;
  }

  void explain(
      ExplainRequest request,
      NodeSnapshot snapshot,
      BootTime now,
      StreamObserver<Explanation> observer) {
    if (request.getWhatCase() == ExplainRequest.WhatCase.WHAT_NOT_SET) {
      observer.onNext(present(snapshot, io.quorate.ha.explain.Explanation.of(snapshot, now)));
      observer.onCompleted();
      return;
    }
    Optional<FailoverReport> report = find(request, snapshot);
    if (report.isEmpty()) {
      int kept = snapshot.cluster().map(v -> v.failovers().size()).orElse(0);
      observer.onError(
          Errors.of(
              Status.Code.NOT_FOUND,
              "NO_SUCH_FAILOVER",
              kept == 0
                  ? "there was no failover yet"
                  : "no report of that failover is kept: " + kept + " are, 1 being the latest"));
      return;
    }
    Duration before = snapshot.settings().timings().ttl().multipliedBy(2);
    var _ =
        journal
            .read()
            .whenComplete((contents, failure) -> {
              List<JournalEntry> entries =
                  failure == null ? around(report.get(), before, contents.entries()) : List.of();
              observer.onNext(past(snapshot, report.get(), entries));
              observer.onCompleted();
            });
  }

  private static Optional<FailoverReport> find(ExplainRequest request, NodeSnapshot snapshot) {
    Optional<ClusterView> view = snapshot.cluster();
    if (request.getWhatCase() == ExplainRequest.WhatCase.EPOCH) {
      return view.map(v -> v.failovers().get(new Epoch(request.getEpoch())));
    }
    long before = Integer.toUnsignedLong(request.getFailover()) - 1;
    return before < 0
        ? Optional.empty()
        : view.flatMap(v ->
            v.failovers().values().stream()
                .sorted((a, b) -> b.epoch().compareTo(a.epoch()))
                .skip(before)
                .findFirst());
  }

  private static List<JournalEntry> around(
      FailoverReport report, Duration before, List<JournalEntry> entries) {
    try {
      Instant at = Instant.parse(report.at());
      return entries.stream()
          .filter(e -> e.at().isAfter(at.minus(before)) && e.at().isBefore(at.plus(AFTER)))
          .toList();
    } catch (DateTimeException e) {
      return List.of();
    }
  }

  private static Explanation present(
      NodeSnapshot snapshot, io.quorate.ha.explain.Explanation explained) {
    Explanation.Present.Builder present =
        Explanation.Present.newBuilder()
            .setSituation(explained.situation())
            .setReason(explained.reason())
            .addAllRole(explained.role())
            .addAllFailover(explained.failover())
            .addAllWouldChange(explained.wouldChange());
    explained
        .standings()
        .forEach(standing -> {
          Explanation.Standing.Builder row =
              Explanation.Standing.newBuilder()
                  .setMember(standing.member().value())
                  .setRefusal(standing.refusal().map(r -> r.code().name()).orElse(""))
                  .setWhy(standing.refusal().map(r -> r.reason()).orElse(""))
                  .setLoss(standing.loss());
          standing.lagBytes().ifPresent(row::setLag);
          present.addStandings(row);
        });
    return Explanation.newBuilder().setMember(snapshot.name().value()).setPresent(present).build();
  }

  private static Explanation past(
      NodeSnapshot snapshot, FailoverReport report, List<JournalEntry> entries) {
    Explanation.Past.Builder past =
        Explanation.Past.newBuilder().setFailover(StatusMapping.failover(report));
    report
        .counted()
        .forEach((member, end) ->
            past.addCounted(
                Explanation.Pledge.newBuilder()
                    .setMember(member.value())
                    .setTimeline(end.timeline().value())
                    .setLsn(end.lsn().value())));
    entries.forEach(entry -> past.addJournal(JournalCalls.entry(entry)));
    return Explanation.newBuilder().setMember(snapshot.name().value()).setPast(past).build();
  }
}
