package io.quorate.rpc.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Iterator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The JSON form by plain HTTP, on the port that gRPC has too. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class JsonTest {

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private EtcdCluster cluster;

  @BeforeAll
  void start(@TempDir Path dir) throws IOException {
    cluster = EtcdCluster.start(dir, 1);
  }

  @AfterAll
  void stop() {
    cluster.close();
    client.close();
  }

  @Test
  void keysGoInAndOutInBase64AndNumbersAsText() {
    assertThat(post("kv/put", "{'key':'%s','value':'%s'}", b64("k"), b64("v")).body())
        .contains("\"revision\":\"");
    HttpResponse<String> got = post("kv/range", "{'key':'%s'}", b64("k"));
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.headers().firstValue("content-type")).contains("application/json");
    assertThat(got.body())
        .contains("\"kvs\":[{\"key\":\"%s\",".formatted(b64("k")))
        .contains("\"version\":\"1\",\"value\":\"%s\"}],\"count\":\"1\"".formatted(b64("v")));
    assertThat(post("kv/deleterange", "{'key':'%s'}", b64("k")).body())
        .contains("\"deleted\":\"1\"");
    String txn =
        "{'compare':[{'key':'%s','target':'CREATE','create_revision':'0'}],"
            + "'success':[{'request_put':{'key':'%s','value':''}}]}";
    assertThat(post("kv/txn", txn, b64("t"), b64("t")).body())
        .contains("\"succeeded\":true,\"responses\":[{\"response_put\":{");
    assertThat(post("kv/txn", txn, b64("t"), b64("t")).body()).doesNotContain("succeeded");
  }

  @Test
  void refusalsAreJsonWithEtcdsCodeAndText() {
    HttpResponse<String> empty = post("kv/put", "{}");
    assertThat(empty.statusCode()).isEqualTo(400);
    assertThat(empty.body())
        .isEqualTo(
            "{\"error\":\"etcdserver: key is not provided\","
                + "\"message\":\"etcdserver: key is not provided\",\"code\":3}");
    assertThat(post("kv/range", "").body()).isEqualTo(empty.body());
    assertThat(post("kv/put", "{'key':'%s'}", b64(EtcdCluster.GUARDED + "x")).statusCode())
        .isEqualTo(403);
    assertThat(post("lease/revoke", "{'ID':'5'}").statusCode()).isEqualTo(404);
    assertThat(post("kv/range", "no json").statusCode()).isEqualTo(400);
    assertThat(post("kv/range", "{'key':'***'}").statusCode()).isEqualTo(400);
    assertThat(post("nothing", "{}").statusCode()).isEqualTo(404);
    assertThat(get("/v3/kv/range").statusCode()).isEqualTo(405);
    HttpResponse<String> lock = post("lock/lock", "{}");
    assertThat(lock.statusCode()).isEqualTo(501);
    assertThat(lock.body()).contains("v3lockpb.Lock/Lock is not served");
  }

  @Test
  void bodyMayBeAsLargeAsItsBoundAndNotLarger() {
    String value = "x".repeat(512 * 1024);
    assertThat(post("kv/put", "{'key':'%s','value':'%s'}", b64("big"), b64(value)).statusCode())
        .isEqualTo(200);
    HttpResponse<String> more =
        post("kv/put", "{'key':'%s','value':'%s'}", b64("big"), b64(value + "x"));
    assertThat(more.statusCode()).isEqualTo(400);
    assertThat(more.body()).contains("etcdserver: request is too large");
    assertThat(
            post("kv/put", "{'key':'%s','value':'%s'}", b64("big"), b64(value.repeat(4)))
                .statusCode())
        .isEqualTo(413);
  }

  @Test
  void streamsAreLinesOfResults() {
    HttpResponse<Stream<String>> watch =
        send(
            request("/v3/watch", "{'create_request':{'key':'%s'}}".formatted(b64("w"))),
            HttpResponse.BodyHandlers.ofLines());
    try (Stream<String> lines = watch.body()) {
      Iterator<String> each = lines.iterator();
      assertThat(each.next())
          .startsWith("{\"result\":{\"header\":{")
          .endsWith("\"created\":true}}");
      post("kv/put", "{'key':'%s','value':'%s'}", b64("w"), b64("1"));
      assertThat(each.next()).contains("\"events\":[{\"kv\":{\"key\":\"" + b64("w") + "\",");
      post("kv/deleterange", "{'key':'%s'}", b64("w"));
      assertThat(each.next()).contains("\"events\":[{\"type\":\"DELETE\",\"kv\":{");
    }
    post("lease/grant", "{'ID':'77','TTL':'60'}");
    assertThat(post("lease/keepalive", "{'ID':'77'}{'ID':'78'}").body().lines())
        .satisfiesExactly(
            renewed -> assertThat(renewed).endsWith("\"ID\":\"77\",\"TTL\":\"60\"}}"),
            gone -> assertThat(gone).endsWith("\"ID\":\"78\"}}"));
  }

  @Test
  void pagesBesideTheMethods() {
    assertThat(get("/version").body())
        .isEqualTo("{\"etcdserver\":\"3.5.0\",\"etcdcluster\":\"3.5.0\"}");
    assertThat(get("/health").body()).isEqualTo("{\"health\":\"true\",\"reason\":\"\"}");
    assertThat(get("/metrics").body()).contains("etcd_server_has_leader 1.0");
    assertThat(get("/elsewhere").statusCode()).isEqualTo(404);
    assertThat(post("maintenance/status", "{}").body()).contains("\"dbSizeQuota\":\"33554432\"");
    assertThat(post("auth/status", "{}").body()).doesNotContain("enabled");
  }

  private static String b64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Posts {@code body} with each {@code %s} in it replaced by one of the values. */
  private HttpResponse<String> post(String path, String body, String... values) {
    String filled = body;
    for (String value : values) {
      filled = filled.replaceFirst("%s", value);
    }
    return send(request("/v3/" + path, filled), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) {
    return send(
        HttpRequest.newBuilder(uri(path)).GET().build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest request(String path, String body) {
    return HttpRequest.newBuilder(uri(path))
        .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
        .build();
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + cluster.port(0) + path);
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return client.send(request, handler);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
