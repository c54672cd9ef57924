package io.quorate.rpc.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.PatroniRole;
import io.quorate.ha.model.PatroniState;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.rpc.Snapshots;
import io.quorate.time.BootTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Health checks against Patroni's matrix, with the differences that a promise asks for. */
final class HealthAnswerTest {

  private static final BootTime AT = Snapshots.AT;
  private static final Duration HELD = Duration.ofMillis(2500);

  /** One kind of node in each column: what health checks ask of it. */
  private static final List<HealthFacts> COLUMNS =
      List.of(
          // writable primary; standby by async, sync, quorum replication; standby off balance
          facts(true, false, true, false, false, Map.of()),
          facts(false, true, true, false, false, Map.of()),
          facts(false, true, true, true, false, Map.of()),
          facts(false, true, true, false, true, Map.of()),
          facts(false, true, true, false, false, Map.of("noloadbalance", "true")),
          // holder of the lock, and standby, each without PostgreSQL; primary whose lease is lost
          facts(false, false, false, false, false, Map.of()),
          facts(false, false, false, false, false, Map.of()),
          facts(false, false, true, false, false, Map.of()));

  private static HealthFacts facts(
      boolean primary,
      boolean replica,
      boolean running,
      boolean sync,
      boolean quorum,
      Map<String, String> tags) {
    return new HealthFacts(
        true,
        primary,
        replica,
        running,
        replica,
        true,
        sync,
        quorum,
        true,
        Optional.empty(),
        Optional.of(new Lsn(100)),
        Optional.of(new Lsn(200)),
        1 << 20,
        tags);
  }

  @Test
  void aWitnessIsReadyWhileItKnowsTheStoreAndServesNobody() {
    NodeSnapshot witness = Snapshots.witness();
    BootTime late = AT.plus(Duration.ofMinutes(1));
    for (String path : List.of("/", "/primary", "/replica", "/read-only", "/health", "/async")) {
      assertThat(HealthAnswer.check(witness, HealthAnswer.Route.of(path), AT))
          .as(path)
          .isEqualTo(503);
    }
    HealthAnswer.Route ready = HealthAnswer.Route.of("/readiness");
    assertThat(HealthAnswer.readiness(witness, ready, AT)).isEqualTo(200);
    assertThat(HealthAnswer.readiness(witness, ready, late)).isEqualTo(503);
    assertThat(HealthAnswer.liveness(witness, AT)).isEqualTo(200);
    assertThat(HealthAnswer.liveness(witness, late)).isEqualTo(503);
  }

  /** Columns in the order of {@link #COLUMNS}; + is 200 and - is 503. */
  @ParameterizedTest
  @CsvSource({
    "/,                 + - - - - - - -",
    "/primary,          + - - - - - - -",
    "/leader,           + - - - - - - -",
    "/master,           + - - - - - - -",
    "/read-write,       + - - - - - - -",
    "/x-primary-y,      + - - - - - - -",
    "/primary/,         + - - - - - - -",
    "/standby-leader,   - - - - - - - -",
    "/standby_leader,   - - - - - - - -",
    "/replica,          - + + + - - - -",
    "/read-only,        + + + + - - - -",
    "/sync,             - - + - - - - -",
    "/synchronous,      - - + - - - - -",
    "/quorum,           - - - + - - - -",
    "/async,            - + - - - - - -",
    "/asynchronous,     - + - - - - - -",
    "/read-only-sync,   + - + - - - - -",
    "/read-only-synchronous, + - + - - - - -",
    "/read-only-quorum, + - - + - - - -",
    "/health,           + + + + + - - +",
    "/xhealthz,         + + + + + - - +",
    "/nothing,          - - - - - - - -",
  })
  void answersAsTheMatrixSays(String path, String expected) {
    String answers =
        String.join(
            " ",
            COLUMNS.stream()
                .map(facts -> HealthAnswer.check(facts, HealthAnswer.Route.of(path)))
                .map(code -> code == 200 ? "+" : code == 503 ? "-" : "?" + code)
                .toList());
    assertThat(answers).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 503",
    "99, 503",
    "100, 200",
    "100B, 200",
    "1kB, 200",
    "16MB, 200",
    "x, 200",
    "'', 200"
  })
  void lagIsABoundInBytes(String lag, int expected) {
    HealthAnswer.Route route = new HealthAnswer.Route("/replica", Map.of("lag", List.of(lag)));
    assertThat(HealthAnswer.check(COLUMNS.get(1), route)).isEqualTo(expected);
  }

  @Test
  void tagsFilterReadersAndNotWriters() {
    NodeSnapshot standby =
        Snapshots.withTags(Snapshots.standby(), Map.of("zone", "eu", "clonefrom", "true"));
    assertThat(code(standby, "/replica", Map.of("tag_zone", List.of("eu")))).isEqualTo(200);
    assertThat(code(standby, "/replica", Map.of("tag_clonefrom", List.of("true")))).isEqualTo(200);
    assertThat(code(standby, "/replica", Map.of("tag_zone", List.of("us")))).isEqualTo(503);
    assertThat(code(standby, "/replica", Map.of("tag_zone", List.of("eu", "us")))).isEqualTo(503);
    assertThat(code(standby, "/health", Map.of("tag_absent", List.of("x")))).isEqualTo(503);
    assertThat(code(Snapshots.primary(HELD), "/primary", Map.of("tag_absent", List.of("x"))))
        .isEqualTo(200);
  }

  @Test
  void replicationStateFilters() {
    Map<String, List<String>> streaming = Map.of("replication_state", List.of("streaming"));
    Map<String, List<String>> archive = Map.of("replication_state", List.of("in archive recovery"));
    assertThat(code(Snapshots.standby(), "/replica", streaming)).isEqualTo(200);
    assertThat(code(Snapshots.standby(), "/replica", archive)).isEqualTo(503);
  }

  /** The difference from Patroni: ownership of the lock alone is not enough to be routed to. */
  @Test
  void primaryNeedsAGoodHoldAndAWritablePostgresAndAYoungSnapshot() {
    NodeSnapshot primary = Snapshots.primary(HELD);
    assertThat(HealthAnswer.isPrimary(primary, AT)).isTrue();
    assertThat(HealthAnswer.isPrimary(primary, AT.plus(HELD).minus(Duration.ofNanos(1)))).isTrue();
    assertThat(HealthAnswer.isPrimary(primary, AT.plus(HELD))).isFalse();
    assertThat(HealthAnswer.isPrimary(primary, AT.plus(HELD).plus(Duration.ofDays(1)))).isFalse();

    NodeSnapshot holdsLong = Snapshots.primary(Duration.ofHours(1));
    assertThat(HealthAnswer.isPrimary(holdsLong, AT.plus(Duration.ofSeconds(3)))).isTrue();
    assertThat(HealthAnswer.isPrimary(holdsLong, AT.plus(Duration.ofMillis(3001))))
        .as("the engine has not published for three intervals: it hangs")
        .isFalse();

    NodeSnapshot notYetWritable =
        Snapshots.of(
            Snapshots.A,
            Snapshots.standbyStatus(),
            PatroniRole.PROMOTED,
            false,
            Optional.of(AT.plus(HELD)));
    assertThat(HealthAnswer.isPrimary(notYetWritable, AT)).isFalse();
    NodeSnapshot noHold =
        Snapshots.of(
            Snapshots.A, Snapshots.primaryStatus(), PatroniRole.PRIMARY, true, Optional.empty());
    assertThat(HealthAnswer.isPrimary(noHold, AT)).isFalse();
  }

  @Test
  void whatIsStaleOrNotRunningIsNotAReplica() {
    NodeSnapshot standby = Snapshots.standby();
    assertThat(code(standby, "/replica", Map.of())).isEqualTo(200);
    assertThat(
            HealthAnswer.check(
                standby, HealthAnswer.Route.of("/replica"), AT.plus(Duration.ofSeconds(4))))
        .isEqualTo(503);
    assertThat(code(Snapshots.withState(standby, PatroniState.STARTING), "/replica", Map.of()))
        .isEqualTo(503);
    NodeSnapshot none =
        Snapshots.of(
            Snapshots.B,
            new PostgresStatus.NoData(),
            PatroniRole.UNINITIALIZED,
            false,
            Optional.empty());
    assertThat(code(none, "/replica", Map.of())).isEqualTo(503);
    assertThat(code(none, "/health", Map.of())).isEqualTo(503);
  }

  @Test
  void livenessFollowsTheLoopAndNotPostgresql() {
    Duration ttl = Duration.ofSeconds(3);
    NodeSnapshot standby = Snapshots.standby();
    BootTime last = AT.plus(Duration.ofSeconds(1)).plus(ttl.multipliedBy(2));
    assertThat(HealthAnswer.liveness(standby, last.minus(Duration.ofNanos(1)))).isEqualTo(200);
    assertThat(HealthAnswer.liveness(standby, last)).isEqualTo(503);
  }

  @Test
  void readinessIsWritableOrCloseBehind() {
    HealthAnswer.Route plain = HealthAnswer.Route.of("/readiness");
    assertThat(HealthAnswer.readiness(Snapshots.primary(HELD), plain, AT)).isEqualTo(200);
    assertThat(HealthAnswer.readiness(Snapshots.primary(HELD), plain, AT.plus(HELD)))
        .isEqualTo(503);
    assertThat(HealthAnswer.readiness(Snapshots.standby(), plain, AT)).isEqualTo(200);
    NodeSnapshot behind =
        Snapshots.of(
            Snapshots.B,
            new PostgresStatus.Standby(
                1,
                Optional.empty(),
                150_018,
                java.time.Instant.EPOCH,
                new io.quorate.ha.model.Upstream.Unknown(),
                true,
                Optional.empty(),
                Optional.of(new Lsn(67_108_960)),
                new Lsn(60_000_000),
                Optional.empty(),
                false),
            PatroniRole.REPLICA,
            false,
            Optional.empty());
    assertThat(HealthAnswer.readiness(behind, plain, AT)).isEqualTo(503);
    assertThat(
            HealthAnswer.readiness(
                behind, new HealthAnswer.Route("/readiness", Map.of("lag", List.of("10MB"))), AT))
        .isEqualTo(200);
    assertThat(
            HealthAnswer.readiness(
                behind, new HealthAnswer.Route("/readiness", Map.of("mode", List.of("write"))), AT))
        .isEqualTo(200);
  }

  private static int code(NodeSnapshot snapshot, String path, Map<String, List<String>> query) {
    return HealthAnswer.check(snapshot, new HealthAnswer.Route(path, query), AT);
  }
}
