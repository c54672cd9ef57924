package io.quorate.rpc.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.rpc.Snapshots;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Bodies, byte for byte. */
final class RestDocumentsTest {

  private static final BootTime AT = Snapshots.AT;
  private static final NodeSnapshot PRIMARY = Snapshots.primary(Duration.ofSeconds(2));

  private static String get(String path, NodeSnapshot snapshot, BootTime now) {
    return RestApi.answer("GET", HealthAnswer.Route.of(path), Optional.of(snapshot), now).body();
  }

  @Test
  void statusOfAReplica() {
    assertThat(get("/patroni", Snapshots.standby(), AT))
        .isEqualTo(
            "{\"state\": \"running\", \"postmaster_start_time\": \"2026-11-22"
                + " 17:59:37.915160+00:00\", \"role\": \"replica\", \"server_version\": 150018,"
                + " \"xlog\": {\"received_location\": 67108960, \"replayed_location\": 67108960,"
                + " \"replayed_timestamp\": null, \"paused\": false}, \"timeline\": 1,"
                + " \"replication_state\": \"streaming\", \"dcs_last_seen\": 1795370416, \"tags\":"
                + " {\"rack\": \"r1\"}, \"database_system_identifier\": \"7711056875852361249\","
                + " \"patroni\": {\"version\": \"0.1.0-SNAPSHOT\", \"scope\": \"demo\", \"name\":"
                + " \"b\"}}");
  }

  @Test
  void slotsOfAPrimaryAreMetrics() {
    assertThat(get("/metrics", PRIMARY, AT))
        .contains("quorate_slot_active{scope=\"demo\",name=\"a\",slot=\"b\"} 1\n")
        .contains("quorate_slot_held_bytes{scope=\"demo\",name=\"a\",slot=\"b\"} 0\n")
        .contains("quorate_slot_left_bytes{scope=\"demo\",name=\"a\",slot=\"b\"} 1073741824\n");
  }

  @Test
  void statusOfAPrimary() {
    assertThat(get("/", PRIMARY, AT))
        .isEqualTo(
            "{\"state\": \"running\", \"postmaster_start_time\": \"2026-11-22"
                + " 17:59:37.915160+00:00\", \"role\": \"primary\", \"server_version\": 150018,"
                + " \"xlog\": {\"location\": 67108960}, \"timeline\": 1, \"replication\":"
                + " [{\"usename\": \"replicator\", \"application_name\": \"b_1_x\","
                + " \"client_addr\": \"127.0.0.1\", \"state\": \"streaming\", \"sync_state\":"
                + " \"async\", \"sync_priority\": 0}], \"dcs_last_seen\": 1795370416, \"tags\":"
                + " {\"rack\": \"r1\"}, \"database_system_identifier\": \"7711056875852361249\","
                + " \"patroni\": {\"version\": \"0.1.0-SNAPSHOT\", \"scope\": \"demo\", \"name\":"
                + " \"a\"}}");
  }

  @Test
  void statusWithoutAnAnswerFromPostgresql() {
    NodeSnapshot none =
        Snapshots.of(
            Snapshots.B,
            new PostgresStatus.Unresponsive("hangs"),
            PatroniRole.REPLICA,
            false,
            Optional.empty());
    assertThat(get("/patroni", none, AT))
        .startsWith("{\"state\": \"unknown\", \"role\": \"replica\", \"dcs_last_seen\": ");
    assertThat(get("/patroni", PRIMARY, AT.plus(Duration.ofMinutes(1))))
        .as("an old snapshot says nothing of PostgreSQL, and an old view nothing of the lock")
        .startsWith(
            "{\"state\": \"unknown\", \"role\": \"primary\", \"cluster_unlocked\": true,"
                + " \"dcs_last_seen\": ");
  }

  @Test
  void aWitnessIsShownAsOne() {
    assertThat(get("/patroni", Snapshots.witness(), AT))
        .startsWith("{\"state\": \"running\", \"role\": \"witness\", \"dcs_last_seen\": ");
    assertThat(get("/patroni", Snapshots.witness(), AT.plus(Duration.ofMinutes(1))))
        .startsWith("{\"state\": \"unknown\", \"role\": \"witness\", ");
    assertThat(get("/cluster", Snapshots.witness(), AT))
        .contains(
            "{\"name\": \"c\", \"role\": \"witness\", \"state\": \"running\", \"api_url\":"
                + " \"http://127.0.0.1:8008/patroni\", \"host\": \"127.0.0.1\"}");
    assertThat(get("/metrics", Snapshots.witness(), AT))
        .contains("quorate_witness{scope=\"demo\",name=\"c\"} 1\n")
        .contains("patroni_postgres_running{scope=\"demo\",name=\"c\"} 0\n")
        .contains("patroni_postgres_state{scope=\"demo\",name=\"c\"} -1\n");
    assertThat(get("/metrics", PRIMARY, AT))
        .contains("quorate_witness{scope=\"demo\",name=\"a\"} 0\n");
  }

  @Test
  void cluster() {
    assertThat(get("/cluster", PRIMARY, AT))
        .isEqualTo(
            "{\"members\": [{\"name\": \"a\", \"role\": \"leader\", \"state\": \"running\","
                + " \"api_url\": \"http://127.0.0.1:19200/patroni\", \"host\": \"127.0.0.1\","
                + " \"port\": 19100, \"timeline\": 1, \"tags\": {\"rack\": \"r0\"}}, {\"name\":"
                + " \"b\", \"role\": \"replica\", \"state\": \"streaming\", \"api_url\":"
                + " \"http://127.0.0.1:19201/patroni\", \"host\": \"127.0.0.1\", \"port\": 19101,"
                + " \"timeline\": 1, \"tags\": {\"rack\": \"r1\"}, \"receive_lag\": 0,"
                + " \"receive_lsn\": \"0/4000060\", \"replay_lag\": 3108960, \"replay_lsn\":"
                + " \"0/3D09000\", \"lag\": 0, \"lsn\": \"0/4000060\"}], \"scope\": \"demo\"}");
  }

  @Test
  void historyConfigAndFailovers() {
    assertThat(get("/history", PRIMARY, AT))
        .isEqualTo(
            "[[1, 67108960, \"no recovery target specified\", \"2026-11-22T18:00:00+00:00\","
                + " \"a\"]]");
    assertThat(get("/config", PRIMARY, AT)).isEqualTo("{\"profile\": \"lan\", \"ttl\": 3}");
    assertThat(get("/failovers", PRIMARY, AT))
        .isEqualTo(
            "[{\"epoch\": 7, \"cause\": \"the lease of c ended\", \"at\":"
                + " \"2026-11-22T18:00:00Z\", \"old_primary\": \"c\", \"new_primary\": \"a\","
                + " \"old_timeline\": 1, \"new_timeline\": 2, \"promoted_at\": \"0/4000000\","
                + " \"counted\": {}, \"steps_ms\": {\"acquired\": 12, \"writable\": 61}, \"loss\": {\"kind\":"
                + " \"range\", \"from\": \"0/4000000\", \"to\": \"0/4000088\", \"commits\": 3,"
                + " \"kept_at\": \"/kept\"}}]");
  }

  @Test
  void metricsKeepPatronisNamesAndOrder() {
    String text = get("/metrics", PRIMARY, AT);
    List<String> names =
        text.lines()
            .filter(line -> line.startsWith("# TYPE patroni_"))
            .map(line -> line.substring("# TYPE ".length()))
            .toList();
    assertThat(names)
        .containsExactly(
            "patroni_version gauge",
            "patroni_postgres_running gauge",
            "patroni_postmaster_start_time gauge",
            "patroni_primary gauge",
            "patroni_xlog_location counter",
            "patroni_standby_leader gauge",
            "patroni_replica gauge",
            "patroni_sync_standby gauge",
            "patroni_quorum_standby gauge",
            "patroni_xlog_received_location counter",
            "patroni_xlog_replayed_location counter",
            "patroni_xlog_replayed_timestamp gauge",
            "patroni_xlog_paused gauge",
            "patroni_postgres_streaming gauge",
            "patroni_postgres_in_archive_recovery gauge",
            "patroni_postgres_server_version gauge",
            "patroni_cluster_unlocked gauge",
            "patroni_failsafe_mode_is_active gauge",
            "patroni_postgres_timeline gauge",
            "patroni_dcs_last_seen gauge",
            "patroni_pending_restart gauge",
            "patroni_is_paused gauge",
            "patroni_postgres_state gauge");
    assertThat(text)
        .contains("patroni_version{scope=\"demo\",name=\"a\"} 000100\n")
        .contains("patroni_primary{scope=\"demo\",name=\"a\"} 1\n")
        .contains("patroni_xlog_location{scope=\"demo\",name=\"a\"} 67108960\n")
        .contains("patroni_postmaster_start_time{scope=\"demo\",name=\"a\"} 1795370377.915160\n")
        .contains("patroni_postgres_state{scope=\"demo\",name=\"a\"} 5\n")
        .contains("quorate_primary{scope=\"demo\",name=\"a\"} 1\n")
        .contains("quorate_lease_left_seconds{scope=\"demo\",name=\"a\"} 2.000\n");
  }

  @Test
  void textIsEscapedAsPythonDoes() {
    assertThat(PythonJson.write(PythonJson.object().put("a\"b", "é\n\u0001")))
        .isEqualTo("{\"a\\\"b\": \"\\u00e9\\n\\u0001\"}");
  }
}
