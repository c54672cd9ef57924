package io.quorate.rpc.rest;

import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniRole;
import io.quorate.time.BootTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides health checks: a pure function of the snapshot, the request and the time of the answer.
 * Paths match by what they contain, in Patroni's order; a path that matches nothing is 503, never
 * 404.
 */
public final class HealthAnswer {

  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private static final Pattern LAG =
      Pattern.compile("([0-9]{1,18})\\s*(B|kB|MB|GB|TB)?", Pattern.CASE_INSENSITIVE);

  private HealthAnswer() {}

  /**
   * A request's path and query.
   *
   * @param path starts with one slash
   * @param query all values of each key
   */
  public record Route(String path, Map<String, List<String>> query) {

    /** Copies the map. */
    public Route {
      query = Map.copyOf(query);
    }

    /** A path without query. */
    public static Route of(String path) {
      return new Route(path, Map.of());
    }

    private Optional<String> first(String key) {
      return Optional.ofNullable(query.get(key)).flatMap(values -> values.stream().findFirst());
    }
  }

  /**
   * Whether PostgreSQL here is the writable primary under a hold that is good at {@code now}: what
   * {@code /primary} answers, and every other way to ask it.
   */
  public static boolean isPrimary(NodeSnapshot snapshot, BootTime now) {
    return HealthFacts.of(snapshot, now).primary();
  }

  /** The status code for a health check. */
  static int check(NodeSnapshot snapshot, Route route, BootTime now) {
    return check(HealthFacts.of(snapshot, now), route);
  }

  static int check(HealthFacts facts, Route route) {
    String path = route.path().equals("/") ? "/primary" : route.path();
    if (path.contains("standby_leader") || path.contains("standby-leader")) {
      return UNAVAILABLE;
    }
    if (path.contains("leader")
        || path.contains("master")
        || path.contains("primary")
        || path.contains("read-write")) {
      return code(facts.primary());
    }
    return code(filtered(facts, path, route) && tagsMatch(facts, route));
  }

  private static boolean filtered(HealthFacts facts, String path, Route route) {
    boolean replica = isReplica(facts, route);
    if (path.contains("replica")) {
      return replica;
    }
    if (path.contains("read-only") && !path.contains("sync") && !path.contains("quorum")) {
      return facts.primary() || replica;
    }
    if (path.contains("health")) {
      return facts.running();
    }
    return facts.viewKnown() && bySynchronicity(facts, path, replica);
  }

  private static boolean bySynchronicity(HealthFacts facts, String path, boolean replica) {
    return switch (path) {
      case "/sync", "/synchronous" -> replica && facts.synchronous();
      case "/quorum" -> replica && facts.quorum();
      case "/async", "/asynchronous" -> replica && !facts.synchronous() && !facts.quorum();
      case "/read-only-quorum" -> facts.primary() || (replica && facts.quorum());
      case "/read-only-sync", "/read-only-synchronous" ->
          facts.primary() || (replica && facts.synchronous());
      default -> false;
    };
  }

  private static boolean isReplica(HealthFacts facts, Route route) {
    return !facts.noLoadBalance()
        && facts.replica()
        && facts.running()
        && !isLagging(facts, route)
        && route
            .first("replication_state")
            .filter(wanted -> !(facts.streaming() && wanted.equals("streaming")))
            .isEmpty();
  }

  private static boolean isLagging(HealthFacts facts, Route route) {
    OptionalLong bound = route.first("lag").map(HealthAnswer::bytes).orElse(OptionalLong.empty());
    return bound.isPresent()
        && facts
            .clusterEnd()
            .map(end -> end.bytesSince(facts.replayed().orElse(Lsn.INVALID)))
            .filter(lag -> lag > bound.getAsLong())
            .isPresent();
  }

  /** Bytes of {@code text}; empty, meaning any, when it cannot be read. */
  private static OptionalLong bytes(String text) {
    Matcher matcher = LAG.matcher(text.strip());
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    String unit = matcher.group(2) == null ? "b" : matcher.group(2).toLowerCase(Locale.ROOT);
    int shift =
        switch (unit) {
          case "kb" -> 10;
          case "mb" -> 20;
          case "gb" -> 30;
          case "tb" -> 40;
          default -> 0;
        };
    long number = Long.parseLong(matcher.group(1));
    return number > Long.MAX_VALUE >> shift
        ? OptionalLong.empty()
        : OptionalLong.of(number << shift);
  }

  private static boolean tagsMatch(HealthFacts facts, Route route) {
    return route.query().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("tag_"))
        .allMatch(entry -> {
          Optional<String> tag =
              Optional.ofNullable(facts.tags().get(entry.getKey().substring("tag_".length())));
          return entry.getValue().stream()
              .allMatch(wanted -> tag.filter(wanted::equals).isPresent());
        });
  }

  /** {@code GET /liveness}: whether the agent is to be left alone. */
  static int liveness(NodeSnapshot snapshot, BootTime now) {
    return code(snapshot.settings().pause() || HealthFacts.of(snapshot, now).alive());
  }

  /**
   * {@code GET /readiness}: writable primary, a standby that streams and is close, or a witness
   * that knows what the store says.
   */
  static int readiness(NodeSnapshot snapshot, Route route, BootTime now) {
    HealthFacts facts = HealthFacts.of(snapshot, now);
    if (facts.primary()) {
      return OK;
    }
    if (snapshot.role() == PatroniRole.WITNESS) {
      return code(facts.fresh() && facts.viewKnown());
    }
    boolean written = route.first("mode").filter("write"::equals).isPresent();
    Optional<Lsn> own = written ? facts.received() : facts.replayed();
    long bound =
        route
            .first("lag")
            .map(HealthAnswer::bytes)
            .orElse(OptionalLong.empty())
            .orElse(facts.maximumLag());
    boolean near =
        facts
            .clusterEnd()
            .map(end -> end.bytesSince(own.orElse(Lsn.INVALID)))
            .filter(lag -> lag <= bound)
            .isPresent();
    return code(facts.running() && facts.streaming() && near);
  }

  private static int code(boolean yes) {
    return yes ? OK : UNAVAILABLE;
  }
}
