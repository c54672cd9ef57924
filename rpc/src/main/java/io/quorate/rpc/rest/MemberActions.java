package io.quorate.rpc.rest;

import io.quorate.ha.command.Answer;
import io.quorate.ha.command.Commands;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code /restart}, {@code /reload} and {@code /reinitialize}: about the member that is asked. */
final class MemberActions {

  /** A restart is waited for so long, beyond what stopping and starting may take. */
  private static final Duration RESTART_SLACK = Duration.ofSeconds(60);

  private static final Set<String> RESTART_FIELDS =
      Set.of("schedule", "role", "postgres_version", "timeout", "restart_pending");

  /** Patroni reads the second and documents the third. */
  private static final Set<String> REINIT_FLAGS = Set.of("force", "from_leader", "from-leader");

  private static final String REQUESTER = "rest";

  private final Agent agent;
  private final Commands commands;
  private final IntentWatch watch;

  MemberActions(Agent agent, IntentWatch watch) {
    this.agent = agent;
    this.commands = agent.commands();
    this.watch = watch;
  }

  private Optional<MemberName> self() {
    return agent.snapshot().map(NodeSnapshot::name);
  }

  private static CompletionStage<RestApi.Reply> starting() {
    return done(503, "the agent is starting");
  }

  CompletionStage<RestApi.Reply> restart(String text) {
    JsonBody body = JsonBody.of(text);
    Optional<MemberName> self = self();
    if (self.isEmpty()) {
      return starting();
    }
    for (String name : body.names()) {
      if (!RESTART_FIELDS.contains(name)) {
        return done(400, "Unknown filter for the restart: " + name);
      }
    }
    Wish.Restart wish;
    try {
      wish =
          new Wish.Restart(
              self.get(),
              WishText.time(body.text("schedule")),
              new Wish.Only(
                  WishText.role(body.text("role")),
                  WishText.version(body.text("postgres_version")),
                  // Patroni's: that it is there counts, whatever its value.
                  body.has("restart_pending")),
              WishText.duration(body.text("timeout")));
    } catch (InvalidWishException e) {
      return done(e.understood() ? 422 : 400, e.text());
    }
    boolean scheduled = wish.scheduledAt().isPresent();
    return commands
        .submit(wish, REQUESTER)
        .thenCompose(answer ->
            switch (answer) {
              case Answer.Refused(Refusal refusal) -> restartRefused(refusal, scheduled);
              case Answer.Accepted(Intent intent) ->
                  scheduled
                      ? done(202, "Restart scheduled")
                      : watch.finished(intent, patience(wish)).thenApply(end -> restarted(end));
            });
  }

  private Duration patience(Wish.Restart wish) {
    Duration start =
        agent.snapshot().map(s -> s.settings().primaryStartTimeout()).orElse(RESTART_SLACK);
    return wish.timeout().orElse(start).multipliedBy(2).plus(RESTART_SLACK);
  }

  private static CompletionStage<RestApi.Reply> restartRefused(Refusal refusal, boolean scheduled) {
    return switch (refusal.code()) {
      case ALREADY_IN_PROGRESS ->
          scheduled
              ? done(409, "Another restart is already scheduled")
              : done(503, refusal.reason());
      case SCHEDULED_IN_THE_PAST -> done(422, refusal.reason());
      case PAUSED -> done(500, "Can't schedule restart in the paused state");
      default -> done(503, refusal.reason());
    };
  }

  private static RestApi.Reply restarted(Optional<Intent> end) {
    if (end.isEmpty() || end.get().open()) {
      return RestApi.Reply.text(503, "restart status unknown");
    }
    Intent.Progress progress = end.get().progress();
    return progress.state() == Intent.State.DONE
        ? RestApi.Reply.text(200, "restarted successfully")
        : RestApi.Reply.text(503, "restart failed: " + progress.reason());
  }

  CompletionStage<RestApi.Reply> cancelRestart() {
    Optional<MemberName> self = self();
    if (self.isEmpty()) {
      return starting();
    }
    String slot = "restart/" + self.get();
    boolean scheduled =
        agent
            .snapshot()
            .flatMap(NodeSnapshot::cluster)
            .flatMap(view -> view.openIntent(slot))
            .filter(intent -> intent.wish().scheduledAt().isPresent())
            .isPresent();
    if (!scheduled) {
      return done(404, "no restarts are scheduled");
    }
    return commands
        .cancel(slot, Optional.empty(), REQUESTER)
        .thenApply(answer ->
            switch (answer) {
              case Answer.Accepted _ -> RestApi.Reply.text(200, "scheduled restart deleted");
              case Answer.Refused(Refusal refusal) ->
                  RestApi.Reply.text(
                      refusal.code() == Refusal.Code.NOTHING_TO_CANCEL ? 404 : 503,
                      refusal.reason());
            });
  }

  CompletionStage<RestApi.Reply> reload() {
    Optional<MemberName> self = self();
    if (self.isEmpty()) {
      return starting();
    }
    return commands
        .submit(new Wish.Reload(self.get()), REQUESTER)
        .thenApply(answer ->
            switch (answer) {
              case Answer.Accepted _ -> RestApi.Reply.text(202, "reload scheduled");
              case Answer.Refused(Refusal refusal) -> RestApi.Reply.text(503, refusal.reason());
            });
  }

  /** Copied from the primary in any case, so that asking for that changes nothing. */
  CompletionStage<RestApi.Reply> reinitialize(String text) {
    JsonBody body = JsonBody.of(text);
    Optional<MemberName> self = self();
    if (self.isEmpty()) {
      return starting();
    }
    for (String flag : REINIT_FLAGS) {
      if (body.has(flag) && !body.isFlag(flag)) {
        return done(400, flag + " must be true or false");
      }
    }
    Wish.Reinit wish = new Wish.Reinit(self.get());
    return body.isTrue("force")
        // What has begun goes on: the answer to the new wish says so.
        ? commands
            .cancel(wish.slot(), Optional.empty(), REQUESTER)
            .thenCompose(_ -> reinitialize(wish))
        : reinitialize(wish);
  }

  private CompletionStage<RestApi.Reply> reinitialize(Wish.Reinit wish) {
    return commands
        .submit(wish, REQUESTER)
        .thenApply(answer ->
            switch (answer) {
              case Answer.Accepted _ -> RestApi.Reply.text(200, "reinitialize started");
              case Answer.Refused(Refusal refusal) ->
                  RestApi.Reply.text(
                      503,
                      switch (refusal.code()) {
                        case MEMBER_IS_PRIMARY -> "I am the leader, can not reinitialize";
                        case NO_PRIMARY -> "Cluster has no leader, can not reinitialize";
                        // Tools look for this end.
                        case ALREADY_IN_PROGRESS -> "reinitialize already in progress";
                        default -> refusal.reason();
                      });
            });
  }

  private static CompletionStage<RestApi.Reply> done(int status, String text) {
    return CompletableFuture.completedFuture(RestApi.Reply.text(status, text));
  }
}
