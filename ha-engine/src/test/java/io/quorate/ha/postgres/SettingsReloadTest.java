package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.PostgresOperation;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Other settings for a running server: taken, named as waiting, or refused and taken back. */
final class SettingsReloadTest {

  private static final Map<String, String> CLUSTER = Map.of("checkpoint_timeout", "10min");

  private RealPostgres world;
  private Member member;

  @BeforeEach
  void begin() throws Exception {
    world = new RealPostgres();
    member = world.member("a");
    member.succeed(new PostgresOperation.InitDb(RealPostgres.dataId(7)));
    member.succeed(new PostgresOperation.StartPrimary(CLUSTER));
  }

  @AfterEach
  void end() throws Exception {
    world.close();
  }

  private PostgresConfig with(Map<String, String> parameters, List<String> pgHba) {
    PostgresConfig c = member.config;
    Map<String, String> all = new HashMap<>(c.parameters());
    all.putAll(parameters);
    return new PostgresConfig(
        c.scope(),
        c.name(),
        c.dataDir(),
        c.binDir(),
        c.stateDir(),
        c.listenAddresses(),
        c.port(),
        c.connectHost(),
        c.connectPort(),
        c.superuser(),
        c.replication(),
        c.rewind(),
        c.useUnixSocket(),
        all,
        pgHba,
        c.pgIdent(),
        c.initdbOptions(),
        c.basebackupOptions(),
        c.usePgRewind(),
        c.removeOnRewindFailure(),
        c.removeOnDivergedTimelines(),
        c.keptWalBytes());
  }

  private LocalPostgres.Reconfigured reconfigure(PostgresConfig next) throws Exception {
    return member.get(member.postgres.reconfigure(next, CLUSTER));
  }

  private String shown(String parameter) {
    return member.sql("SHOW " + parameter).getFirst();
  }

  @Test
  void takesWhatItCanAndNamesWhatWaits() throws Exception {
    assertThat(
            reconfigure(
                with(Map.of("work_mem", "5MB", "shared_buffers", "20MB"), member.config.pgHba())))
        .isEqualTo(new LocalPostgres.Reconfigured.Done(List.of("shared_buffers")));
    assertThat(shown("work_mem")).isEqualTo("5MB");
    assertThat(shown("checkpoint_timeout")).as("the cluster's stay").isEqualTo("10min");
  }

  @Test
  void takesBackWhatPostgresRefuses() throws Exception {
    String before = shown("work_mem");
    assertThat(reconfigure(with(Map.of("work_mem", "plenty"), member.config.pgHba())))
        .isInstanceOfSatisfying(
            LocalPostgres.Reconfigured.Refused.class,
            refused ->
                assertThat(refused.reason())
                    .startsWith("postgresql.parameters: ")
                    .contains("work_mem"));
    assertThat(
            reconfigure(
                with(Map.of("work_mem", "6MB"), List.of("local all all trust", "hots a b"))))
        .isInstanceOfSatisfying(
            LocalPostgres.Reconfigured.Refused.class,
            refused -> assertThat(refused.reason()).startsWith("postgresql.pg_hba: line "));
    assertThat(shown("work_mem")).isEqualTo(before);
    member.succeed(new PostgresOperation.Stop(false, Duration.ofSeconds(30)));
    member.succeed(new PostgresOperation.StartPrimary(CLUSTER));
    assertThat(shown("work_mem")).as("after a start").isEqualTo(before);
  }

  /** Before anybody is given them: each that is wrong by name, with PostgreSQL's own words. */
  @Test
  void namesWhatItWouldRefuse() throws Exception {
    Map<String, String> wanted = new HashMap<>();
    wanted.put("work_mem", "plenty");
    wanted.put("no_such_parameter", "1");
    wanted.put("shared_buffers", "9000TB");
    wanted.put("wal_level", "minimal");
    wanted.put("max_connections", "3");
    wanted.put("max_wal_senders", "many");
    wanted.put("log_min_duration_statement", "1s");
    wanted.put("some.extension", "anything");
    assertThat(member.postgres.objections(wanted))
        .containsExactlyInAnyOrder(
            "work_mem: PostgreSQL of a says: invalid value for parameter \"work_mem\": \"plenty\"",
            "no_such_parameter: PostgreSQL of a says: unrecognized configuration parameter"
                + " \"no_such_parameter\"",
            "shared_buffers: PostgreSQL of a says: invalid value for parameter \"shared_buffers\":"
                + " \"9000TB\" Value exceeds integer range.",
            "wal_level: must be replica or logical, is 'minimal'",
            "max_connections: must be a number from 25, is '3'",
            "max_wal_senders: must be a number from 3, is 'many'");
    assertThat(member.postgres.objections(Map.of("work_mem", "9MB"))).isEmpty();
    member.succeed(new PostgresOperation.Stop(false, Duration.ofSeconds(30)));
    assertThat(member.postgres.objections(Map.of("work_mem", "plenty"))).hasSize(1);
    Files.writeString(member.config.dataDir().resolve("postgresql.conf"), "nonsense\n");
    assertThat(member.postgres.objections(Map.of("work_mem", "plenty")))
        .as("who cannot tell stands in nobody's way")
        .isEmpty();
  }

  @Test
  void keepsThemForTheNextStartOfAServerThatDoesNotRun() throws Exception {
    member.succeed(new PostgresOperation.Stop(false, Duration.ofSeconds(30)));
    assertThat(reconfigure(with(Map.of("work_mem", "7MB"), member.config.pgHba())))
        .isEqualTo(new LocalPostgres.Reconfigured.Done(List.of()));
    member.succeed(new PostgresOperation.StartPrimary(CLUSTER));
    assertThat(shown("work_mem")).isEqualTo("7MB");
  }

  @Test
  void namesWhatTheCommandLineHides() throws Exception {
    Map<String, String> more = Map.of("max_connections", "77", "wal_log_hints", "true");
    assertThat(member.get(member.postgres.reconfigure(member.config, more)))
        .isEqualTo(new LocalPostgres.Reconfigured.Done(List.of("max_connections")));
    assertThat(member.sample())
        .isInstanceOfSatisfying(
            PostgresStatus.Primary.class,
            primary ->
                assertThat(primary.pendingRestart())
                    .containsExactly(new PendingSetting("max_connections", "100", "77")));
    member.succeed(new PostgresOperation.Stop(false, Duration.ofSeconds(30)));
    member.succeed(new PostgresOperation.StartPrimary(more));
    assertThat(shown("max_connections")).isEqualTo("77");
  }

  @Test
  void startsWithTheFormerOnesWherePostgresRefusesTheNew() throws Exception {
    Map<String, String> wrong = Map.of("checkpoint_timeout", "soon", "work_mem", "9MB");
    member.succeed(new PostgresOperation.Stop(false, Duration.ofSeconds(30)));
    member.succeed(new PostgresOperation.StartPrimary(wrong));
    assertThat(shown("checkpoint_timeout")).isEqualTo("10min");

    Member first = world.member("b");
    first.succeed(new PostgresOperation.InitDb(RealPostgres.dataId(8)));
    first.succeed(new PostgresOperation.StartPrimary(wrong));
    assertThat(first.sql("SHOW work_mem")).as("none of the cluster's").containsExactly("4MB");
  }
}
