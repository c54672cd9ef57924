package io.quorate.rpc.rest;

import io.quorate.ha.command.Answer;
import io.quorate.ha.command.Commands;
import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.Refusal;
import io.quorate.ha.model.Wish;
import io.quorate.rpc.Agent;
import io.quorate.rpc.wish.IntentWatch;
import io.quorate.rpc.wish.InvalidWishException;
import io.quorate.rpc.wish.WishText;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code /switchover} and {@code /failover}, with Patroni's order of checks, codes and texts. */
final class SwitchoverActions {

  /** How long a caller is kept waiting for the outcome: Patroni's bound. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final String REQUESTER = "rest";

  private final Agent agent;
  private final Commands commands;
  private final IntentWatch watch;

  SwitchoverActions(Agent agent, IntentWatch watch) {
    this.agent = agent;
    this.commands = agent.commands();
    this.watch = watch;
  }

  /** What was asked for. */
  private record Asked(
      boolean failover,
      Optional<MemberName> leader,
      Optional<MemberName> candidate,
      Optional<Instant> at,
      boolean acceptDataLoss) {

    String action() {
      return failover ? "failover" : "switchover";
    }

    String title() {
      return failover ? "Failover" : "Switchover";
    }

    Wish wish() {
      return failover
          ? new Wish.Failover(candidate.orElseThrow(), acceptDataLoss)
          : new Wish.Switchover(leader, candidate, at);
    }
  }

  CompletionStage<RestApi.Reply> switchover(String body) {
    return submit(false, JsonBody.of(body));
  }

  CompletionStage<RestApi.Reply> failover(String body) {
    return submit(true, JsonBody.of(body));
  }

  private CompletionStage<RestApi.Reply> submit(boolean failover, JsonBody body) {
    Asked asked;
    try {
      asked = read(failover, body);
    } catch (InvalidWishException e) {
      return done(e.understood() ? 422 : 400, e.text());
    }
    Optional<String> wrong = wrong(asked, failover);
    if (wrong.isPresent()) {
      return done(400, wrong.get());
    }
    return commands
        .submit(asked.wish(), REQUESTER)
        .thenCompose(answer ->
            switch (answer) {
              case Answer.Refused(Refusal refusal) -> refused(asked, refusal);
              case Answer.Accepted(Intent intent) ->
                  asked.at().isPresent()
                      ? done(202, "Switchover scheduled")
                      : watch.finished(intent, PATIENCE).thenApply(end -> outcome(asked, end));
            });
  }

  /** A failover that names the leader is a switchover. */
  private static Asked read(boolean failover, JsonBody body) throws InvalidWishException {
    Optional<MemberName> leader = WishText.member(body.text("leader"));
    String candidate = body.text("candidate");
    return new Asked(
        failover && leader.isEmpty(),
        leader,
        WishText.member(candidate.isEmpty() ? body.text("member") : candidate),
        WishText.time(body.text("scheduled_at")),
        body.isTrue("accept_data_loss"));
  }

  private Optional<String> wrong(Asked asked, boolean path) {
    if (path && asked.candidate().isEmpty()) {
      return Optional.of("Failover could be performed only to a specific candidate");
    }
    if (!path && asked.leader().isEmpty()) {
      return Optional.of("Switchover could be performed only from a specific leader");
    }
    if (path && asked.at().isPresent()) {
      return Optional.of("Failover can't be scheduled");
    }
    boolean paused = agent.snapshot().filter(s -> s.settings().pause()).isPresent();
    if (paused && asked.at().isPresent()) {
      return Optional.of("Can't schedule switchover in the paused state");
    }
    if (paused && asked.candidate().isEmpty()) {
      return Optional.of("Switchover is possible only to a specific candidate in a paused state");
    }
    if (asked.leader().isPresent() && asked.leader().equals(asked.candidate())) {
      return Optional.of("Switchover target and source are the same");
    }
    return Optional.empty();
  }

  private CompletionStage<RestApi.Reply> refused(Asked asked, Refusal refusal) {
    String impossible = asked.action() + " is not possible: ";
    return switch (refusal.code()) {
      case STORE_UNAVAILABLE -> done(503, refusal.reason());
      case OUTCOME_UNKNOWN -> done(503, asked.title() + " status unknown: " + refusal.reason());
      case CONFLICT -> done(409, refusal.reason());
      case ALREADY_IN_PROGRESS -> done(503, refusal.reason());
      case CANDIDATE_REQUIRED, PAUSED -> done(400, refusal.reason());
      case SCHEDULED_IN_THE_PAST -> done(422, refusal.reason());
      case NO_CANDIDATE -> done(412, impossible + (isAlone() ? ALONE : NOBODY));
      case MEMBER_UNKNOWN -> done(412, impossible + "candidate does not exist");
      case PRIMARY_IS_ANOTHER -> done(412, impossible + "leader name does not match");
      case NO_PRIMARY,
          MEMBER_IS_PRIMARY,
          MEMBER_IS_WITNESS,
          CANDIDATE_NOT_ELIGIBLE,
          CANDIDATE_NOT_RUNNING,
          CANDIDATE_NOT_ATTACHED,
          CANDIDATE_LAGS,
          CANDIDATE_REPLAY_HELD,
          DATA_LOSS_NOT_ACCEPTED,
          CONDITIONS_NOT_MET,
          NOTHING_TO_CANCEL,
          TOO_LATE_TO_CANCEL ->
          done(
              412,
              impossible
                  + (refusal.code() == Refusal.Code.DATA_LOSS_NOT_ACCEPTED
                      ? refusal.reason() + "; accept it with \"accept_data_loss\": true"
                      : refusal.reason()));
    };
  }

  private static final String ALONE = "cluster does not have members except leader";
  private static final String NOBODY = "no good candidates have been found";

  private boolean isAlone() {
    return agent
        .snapshot()
        .flatMap(NodeSnapshot::cluster)
        .filter(view -> view.members().size() > 1)
        .isEmpty();
  }

  private static RestApi.Reply outcome(Asked asked, Optional<Intent> end) {
    if (end.isEmpty() || end.get().open()) {
      return RestApi.Reply.text(503, asked.title() + " status unknown");
    }
    Intent.Progress progress = end.get().progress();
    if (progress.state() != Intent.State.DONE) {
      return RestApi.Reply.text(503, asked.title() + " failed: " + progress.reason());
    }
    String winner =
        progress.candidate().or(asked::candidate).map(MemberName::value).orElse("unknown");
    boolean asAsked = asked.candidate().filter(name -> !name.value().equals(winner)).isEmpty();
    String did = asked.failover() ? "failed over" : "switched over";
    return RestApi.Reply.text(
        200,
        asAsked
            ? "Successfully " + did + " to \"" + winner + '"'
            : Character.toUpperCase(did.charAt(0))
                + did.substring(1)
                + " to \""
                + winner
                + "\" instead of \""
                + asked.candidate().map(MemberName::value).orElse("")
                + '"');
  }

  CompletionStage<RestApi.Reply> cancelSwitchover() {
    Optional<Intent> scheduled =
        agent
            .snapshot()
            .flatMap(NodeSnapshot::cluster)
            .flatMap((ClusterView view) -> view.openIntent(Wish.PRIMARY_SLOT))
            .filter(intent -> intent.wish().scheduledAt().isPresent());
    if (scheduled.isEmpty()) {
      return done(404, "no switchover is scheduled");
    }
    return commands
        .cancel(Wish.PRIMARY_SLOT, Optional.of(scheduled.get().id()), REQUESTER)
        .thenApply(answer ->
            switch (answer) {
              case Answer.Accepted _ -> RestApi.Reply.text(200, "scheduled switchover deleted");
              case Answer.Refused(Refusal refusal) ->
                  RestApi.Reply.text(
                      switch (refusal.code()) {
                        case NOTHING_TO_CANCEL -> 404;
                        case STORE_UNAVAILABLE, OUTCOME_UNKNOWN -> 503;
                        default -> 409;
                      },
                      refusal.reason());
            });
  }

  private static CompletionStage<RestApi.Reply> done(int status, String text) {
    return CompletableFuture.completedFuture(RestApi.Reply.text(status, text));
  }
}
