package io.quorate.rpc.rest;

import io.quorate.rpc.Agent;
import io.quorate.rpc.access.AccessGuard;
import io.quorate.rpc.wish.IntentWatch;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Routes what changes something. Nothing blocks: an answer may come much later. */
final class RestActions {

  private final Supplier<AccessGuard> guard;
  private final Map<String, Action> actions;

  RestActions(Agent agent, Supplier<AccessGuard> guard) {
    this.guard = guard;
    ConfigActions config = new ConfigActions(agent.config());
    IntentWatch watch = new IntentWatch(agent);
    SwitchoverActions switchover = new SwitchoverActions(agent, watch);
    MemberActions member = new MemberActions(agent, watch);
    this.actions =
        Map.of(
            "PATCH config", new Action(Body.REQUIRED, config::patch),
            "PUT config", new Action(Body.REQUIRED, config::put),
            "POST switchover", new Action(Body.REQUIRED, switchover::switchover),
            "DELETE switchover", new Action(Body.NONE, _ -> switchover.cancelSwitchover()),
            "POST failover", new Action(Body.REQUIRED, switchover::failover),
            "POST restart", new Action(Body.OPTIONAL, member::restart),
            "DELETE restart", new Action(Body.NONE, _ -> member.cancelRestart()),
            "POST reload", new Action(Body.NONE, _ -> member.reload()),
            "POST reinitialize", new Action(Body.OPTIONAL, member::reinitialize));
  }

  /**
   * A request that may change something.
   *
   * @param resource first segment of the path
   * @param hasLength whether the header {@code Content-Length} is there
   */
  record Request(
      String method,
      String resource,
      InetAddress from,
      Optional<String> authorization,
      boolean hasLength,
      String body) {}

  /** What an action makes of the body; an optional one that is absent is an empty object. */
  private interface Handler {
    CompletionStage<RestApi.Reply> handle(String body);
  }

  private enum Body {
    NONE,
    OPTIONAL,
    REQUIRED
  }

  private record Action(Body body, Handler handler) {}

  /** All that there are, such as {@code POST /restart}. */
  Set<String> requests() {
    return actions.keySet().stream()
        .map(action -> action.replace(" ", " /"))
        .collect(Collectors.toUnmodifiableSet());
  }

  CompletionStage<RestApi.Reply> answer(Request request) {
    Action action = actions.get(request.method() + " " + request.resource());
    if (action == null) {
      return done(RestApi.Reply.unsupported());
    }
    Optional<AccessGuard.Refusal> refusal =
        guard.get().judge(request.from(), request.authorization());
    if (refusal.isPresent()) {
      return done(refused(refusal.get()));
    }
    if (action.body() == Body.REQUIRED && !request.hasLength()) {
      return done(RestApi.Reply.text(411, "Content-Length is required"));
    }
    boolean absent = request.body().isBlank();
    if (action.body() == Body.NONE || (absent && action.body() == Body.OPTIONAL)) {
      return action.handler().handle("{}");
    }
    JsonNode json = PythonJson.read(request.body(), PythonJson.array());
    if (!json.isObject() || (json.isEmpty() && action.body() == Body.REQUIRED)) {
      return done(RestApi.Reply.text(400, "the body must be a JSON object"));
    }
    return action.handler().handle(request.body());
  }

  private static RestApi.Reply refused(AccessGuard.Refusal refusal) {
    return switch (refusal) {
      case NO_CREDENTIALS, WRONG_CREDENTIALS ->
          RestApi.Reply.text(401, refusal.text())
              .with("WWW-Authenticate", "Basic realm=\"Patroni\"");
      case NOT_ALLOWLISTED, NOT_CONFIGURED -> RestApi.Reply.text(403, refusal.text());
    };
  }

  private static CompletionStage<RestApi.Reply> done(RestApi.Reply reply) {
    return CompletableFuture.completedFuture(reply);
  }
}
