package io.quorate.rpc.rest;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.time.BootTime;
import java.util.Map;
import java.util.Optional;

/** Answers one request: a pure function of the snapshot, the request and the time of the answer. */
final class RestApi {

  private static final String JSON = "application/json";

  /** Body of an unsupported method, as small as Patroni's. */
  private static final String UNSUPPORTED =
      """
      <!DOCTYPE HTML>
      <html><head><title>501 Unsupported method</title></head>
      <body><h1>Unsupported method</h1></body></html>
      """;

  private RestApi() {}

  /** An answer; without a content type the status line is all there is. */
  record Reply(int status, String contentType, String body, Map<String, String> headers) {
    /** Without further headers. */
    Reply(int status, String contentType, String body) {
      this(status, contentType, body, Map.of());
    }

    static Reply statusOnly(int status) {
      return new Reply(status, "", "");
    }

    static Reply text(int status, String body) {
      return new Reply(status, "text/html", body);
    }

    static Reply json(String body) {
      return new Reply(200, JSON, body);
    }

    static Reply unsupported() {
      return new Reply(501, "text/html;charset=utf-8", UNSUPPORTED);
    }

    Reply with(String header, String value) {
      return new Reply(status, contentType, body, Map.of(header, value));
    }
  }

  /**
   * The answer to {@code method route}, which changes nothing.
   *
   * @param snapshot empty while the engine has not looked around yet
   */
  static Reply answer(
      String method, HealthAnswer.Route route, Optional<NodeSnapshot> snapshot, BootTime now) {
    return switch (method) {
      case "GET" -> snapshot.map(s -> get(route, s, now)).orElseGet(() -> starting(route));
      case "HEAD", "OPTIONS" ->
          Reply.statusOnly(snapshot.map(s -> statusLine(route, s, now)).orElse(503));
      default -> Reply.unsupported();
    };
  }

  /** Alive, since it answers, and nothing more: the start may wait for other members. */
  private static Reply starting(HealthAnswer.Route route) {
    if (firstSegment(route).equals("liveness")) {
      return Reply.statusOnly(200);
    }
    return new Reply(503, JSON, "{\"state\": \"unknown\", \"role\": \"uninitialized\"}");
  }

  /**
   * Patroni's HEAD and OPTIONS know health checks alone: what GET answers otherwise is 503 here.
   */
  private static int statusLine(HealthAnswer.Route route, NodeSnapshot snapshot, BootTime now) {
    return switch (firstSegment(route)) {
      case "liveness",
          "readiness",
          "patroni",
          "cluster",
          "history",
          "config",
          "metrics",
          "failsafe" ->
          503;
      default -> HealthAnswer.check(snapshot, route, now);
    };
  }

  private static Reply get(HealthAnswer.Route route, NodeSnapshot snapshot, BootTime now) {
    return switch (firstSegment(route)) {
      case "liveness" -> Reply.statusOnly(HealthAnswer.liveness(snapshot, now));
      case "readiness" -> Reply.statusOnly(HealthAnswer.readiness(snapshot, route, now));
      case "patroni" -> new Reply(200, JSON, PythonJson.write(StatusJson.of(snapshot, now)));
      case "cluster" -> new Reply(200, JSON, PythonJson.write(ClusterJson.of(snapshot)));
      case "history" -> new Reply(200, JSON, history(snapshot));
      case "failovers" -> new Reply(200, JSON, PythonJson.write(FailoversJson.of(snapshot)));
      case "config" -> config(snapshot);
      case "failsafe" -> new Reply(502, "text/html", "");
      case "metrics" -> new Reply(200, "text/plain", MetricsText.of(snapshot, now));
      default ->
          new Reply(
              HealthAnswer.check(snapshot, route, now),
              JSON,
              PythonJson.write(StatusJson.of(snapshot, now)));
    };
  }

  private static String history(NodeSnapshot snapshot) {
    return PythonJson.write(
        PythonJson.read(
            snapshot.cluster().map(ClusterView::historyJson).orElse("[]"), PythonJson.array()));
  }

  /** The dynamic configuration; 502 while the store has none. */
  private static Reply config(NodeSnapshot snapshot) {
    Optional<ClusterView> view = snapshot.cluster().filter(v -> v.settings().isPresent());
    return view.map(v ->
            new Reply(
                200, JSON, PythonJson.write(PythonJson.read(v.configJson(), PythonJson.object()))))
        .orElseGet(() -> new Reply(502, "text/html", ""));
  }

  static String firstSegment(HealthAnswer.Route route) {
    String path = route.path().substring(1);
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }
}
