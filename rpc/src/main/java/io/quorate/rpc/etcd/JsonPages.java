package io.quorate.rpc.etcd;

import com.google.gson.JsonObject;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.quorate.store.ClientStore;
import io.quorate.store.StoreFacts;
import io.quorate.store.StoreStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What is at the paths beside the methods': version, health, metrics under etcd's names. */
final class JsonPages {

  private final ClientStore store;

  JsonPages(ClientStore store) {
    this.store = store;
  }

  JsonConnection.@Nullable Page at(String path) {
    return switch (path) {
      case "/version" -> page(200, version());
      case "/health" -> health();
      case "/metrics" ->
          new JsonConnection.Page(200, PrometheusTextFormatWriter.CONTENT_TYPE, metrics());
      default -> null;
    };
  }

  private static JsonConnection.Page page(int status, String json) {
    return new JsonConnection.Page(status, "application/json", json);
  }

  private static String version() {
    JsonObject version = new JsonObject();
    version.addProperty("etcdserver", MaintenanceService.API_VERSION);
    version.addProperty("etcdcluster", MaintenanceService.API_VERSION);
    return version.toString();
  }

  private JsonConnection.Page health() {
    StoreStatus status = store.status();
    boolean leader = status.leader().isPresent();
    boolean healthy = leader && status.problem().isEmpty();
    String reason =
        leader
            ? status.problem().orElse("")
            : String.valueOf(EtcdErrors.NO_LEADER.getDescription());
    JsonObject health = new JsonObject();
    health.addProperty("health", Boolean.toString(healthy));
    health.addProperty("reason", reason);
    return page(healthy ? 200 : 503, health.toString());
  }

  private String metrics() {
    StoreStatus status = store.status();
    StoreFacts facts = store.facts();
    MetricSnapshots snapshots =
        new MetricSnapshots(
            gauge(
                "etcd_server_has_leader",
                "Whether a leader is known here.",
                status.leader().isPresent() ? 1 : 0),
            gauge("etcd_server_is_leader", "Whether this member leads.", status.leading() ? 1 : 0),
            gauge("etcd_mvcc_db_total_size_in_bytes", "Weight of keys and leases.", facts.bytes()),
            gauge(
                "etcd_server_quota_backend_bytes",
                "What keys and leases may weigh.",
                facts.quotaBytes()),
            gauge(
                "etcd_debugging_mvcc_current_revision",
                "The store's revision here.",
                facts.revision().value()),
            gauge(
                "etcd_debugging_mvcc_compact_revision",
                "The first revision that can be read.",
                facts.compactRevision().value()));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(out, snapshots);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static GaugeSnapshot gauge(String name, String help, long value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(GaugeDataPointSnapshot.builder().value((double) value).build())
        .build();
  }
}
