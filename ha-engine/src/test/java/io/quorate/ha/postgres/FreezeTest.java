package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.EndOfWal;
import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.Lsn;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.model.TimelineId;
import io.quorate.ha.model.Upstream;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.time.BootTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** "Receives nothing any more, and this is all it has", on real PostgreSQL. */
final class FreezeTest {

  private RealPostgres world;
  private Member a;
  private Member b;

  @BeforeEach
  void twoMembers() throws Exception {
    world = new RealPostgres();
    a = world.initialized("a");
    a.startPrimary();
    a.execute("CREATE TABLE t(x text)");
    b = world.member("b");
    b.joinAsStandby(a, 1);
  }

  @AfterEach
  void end() throws Exception {
    world.close();
  }

  /** What is on disk, read without PostgreSQL: it may not be more than was answered, nor less. */
  private EndOfWal onDisk(Member member) throws Exception {
    member.crash();
    return member.endOfWal();
  }

  @Test
  void aStreamingStandbyTellsExactlyWhatItHas() throws Exception {
    for (int round = 1; round <= 3; round++) {
      a.execute("INSERT INTO t VALUES (repeat('x', 3000))");
      Lsn flushed = a.flushed();
      b.awaitReplayed(flushed);
      BootTime began = world.time.now();
      EndOfWal end = b.freeze(round);
      System.out.println(
          "measured: freeze of a streaming standby took "
              + began.until(world.time.now()).toMillis()
              + " ms");
      assertThat(end).isEqualTo(new EndOfWal(TimelineId.FIRST, flushed));
      PostgresStatus.Standby status = (PostgresStatus.Standby) b.sample();
      assertThat(status.upstream()).isEqualTo(new Upstream.Frozen(new Epoch(round)));
      assertThat(status.streaming()).isFalse();
      if (round < 3) {
        b.follow(a, round + 1);
        b.awaitStreaming(a);
      }
    }
    assertThat(onDisk(b)).isEqualTo(new EndOfWal(TimelineId.FIRST, a.flushed()));
  }

  @Test
  void inTheMiddleOfStreamingNothingReceivedIsLeftOut() throws Exception {
    for (int round = 1; round <= 4; round++) {
      EndOfWal end;
      try (var _ = Load.on(a)) {
        end = b.freeze(round);
      }
      assertThat(a.flushed()).isGreaterThan(end.lsn());
      assertThat(onDisk(b)).isEqualTo(end);
      b.follow(a, round + 1);
      b.awaitStreaming(a);
    }
  }

  @Test
  void frozenItReceivesNothingNotEvenAfterARestart() throws Exception {
    EndOfWal end = b.freeze(1);
    a.execute("INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, 500)");
    b.crash();
    // Started by something else than Quorate.
    Process started =
        RealPostgres.launcher()
            .spawn(
                List.of(
                    RealPostgres.BIN.resolve("postgres").toString(),
                    "-D",
                    b.config.dataDir().toString()),
                Map.of(),
                b.config.stateDir().resolve("postgresql.log"));
    b.await(() ->
        PidFile.read(b.config.dataDir())
            .filter(file -> file.pid() == started.pid() && file.ready())
            .isPresent());
    // It has come to the agent's socket and waits there, not at the primary.
    b.await(() -> b.sql("SELECT pid FROM pg_stat_wal_receiver").size() == 1);
    assertThat(a.sql("SELECT pid FROM pg_stat_replication")).isEmpty();
    assertThat(b.freeze(1)).isEqualTo(end);
  }

  @Test
  void theAnswerStandsWhenTheAgentIsRestarted() throws Exception {
    EndOfWal end = b.freeze(1);
    b.restartAgent();
    assertThat(((PostgresStatus.Standby) b.sample()).upstream())
        .isEqualTo(new Upstream.Frozen(new Epoch(1)));
    assertThat(b.freeze(1)).isEqualTo(end);
    assertThat(b.freeze(2)).isEqualTo(end);
  }

  @Test
  void withItsPrimaryGoneItStillTells() throws Exception {
    a.execute("INSERT INTO t VALUES ('last')");
    Lsn flushed = a.flushed();
    b.awaitReplayed(flushed);
    a.crash();
    b.await(() -> b.sql("SELECT pid FROM pg_stat_wal_receiver").isEmpty());
    BootTime began = world.time.now();
    assertThat(b.freeze(1)).isEqualTo(new EndOfWal(TimelineId.FIRST, flushed));
    System.out.println(
        "measured: freeze with the primary gone took "
            + began.until(world.time.now()).toMillis()
            + " ms");
  }

  @Test
  void afterARestartItTellsMoreThanPostgresFunctionsDo() throws Exception {
    // Acknowledged by b as flushed, and not replayed there.
    b.execute("SELECT pg_wal_replay_pause()");
    b.await(() -> b.sql("SELECT pg_get_wal_replay_pause_state()").equals(List.of("paused")));
    a.execute("INSERT INTO t SELECT repeat('x', 500) FROM generate_series(1, 4000)");
    Lsn flushed = a.flushed();
    b.awaitAcknowledged(a, flushed);
    b.crash();
    a.crash();
    EndOfWal end = b.freeze(1);
    assertThat(end.lsn()).isGreaterThanOrEqualTo(flushed);
    assertThat(onDisk(b)).isEqualTo(end);
  }

  @Test
  void aPausedReplayIsToldAndNotAnswered() throws Exception {
    b.execute("SELECT pg_wal_replay_pause()");
    a.execute("INSERT INTO t VALUES ('x')");
    assertThat(b.fail(new PostgresOperation.Freeze(new Epoch(1), Map.of())))
        .contains("replay is paused")
        .contains("pg_wal_replay_resume()");
    assertThat(((PostgresStatus.Standby) b.sample()).replayHeld())
        .contains("replay is paused there: 'SELECT pg_wal_replay_resume()' ends that");
    b.execute("SELECT pg_wal_replay_resume()");
    assertThat(((PostgresStatus.Standby) b.sample()).replayHeld()).isEmpty();
    assertThat(b.freeze(1).lsn()).isGreaterThan(Lsn.INVALID);
  }

  @Test
  void belowItsPrimarysSettingsItIsStartedAgainToTellWhatItHas() throws Exception {
    raise(a, "150");
    b.awaitStreaming(a);
    a.execute("INSERT INTO t VALUES ('after')");
    Lsn flushed = a.flushed();
    b.awaitAcknowledged(a, flushed);
    b.awaitSample(status ->
        status instanceof PostgresStatus.Standby standby
            && standby
                .replayStop()
                .equals(Optional.of("max_connections is 100, its primary's is 150")));
    assertThat(b.freeze(1)).isEqualTo(new EndOfWal(TimelineId.FIRST, flushed));
    assertThat(b.sql("SHOW max_connections")).containsExactly("150");
    assertThat(((PostgresStatus.Standby) b.sample()).replayStop()).isEmpty();
    assertThat(onDisk(b)).isEqualTo(new EndOfWal(TimelineId.FIRST, flushed));
  }

  @Test
  void whatItLearnsOfItsPrimarysSettingsWhileItReplaysStartsItAgainToo() throws Exception {
    b.crash();
    raise(a, "150");
    a.execute("INSERT INTO t VALUES ('after')");
    Lsn flushed = a.flushed();
    String segment = "pg_wal/" + a.sql("SELECT pg_walfile_name(pg_current_wal_lsn())").getFirst();
    a.crash();
    // As from an archive: it has WAL that it has not replayed.
    Files.write(
        b.config.dataDir().resolve(segment),
        Files.readAllBytes(a.config.dataDir().resolve(segment)));
    assertThat(b.freeze(1)).isEqualTo(new EndOfWal(TimelineId.FIRST, flushed));
    assertThat(b.sql("SHOW max_connections")).containsExactly("150");
  }

  /** The primary alone is started anew with more: a standby stops to replay where it learns it. */
  private static void raise(Member primary, String connections) throws Exception {
    primary.succeed(new PostgresOperation.Stop(true, Duration.ofSeconds(20)));
    primary.succeed(new PostgresOperation.StartPrimary(Map.of("max_connections", connections)));
  }

  @Test
  void aDelayedStandbyReplaysWhatItHas() throws Exception {
    Map<String, String> delay = Map.of("recovery_min_apply_delay", "1h");
    b.succeed(new PostgresOperation.Follow(a.source(2), true, delay));
    b.awaitStreaming(a);
    a.execute("INSERT INTO t VALUES ('late')");
    Lsn flushed = a.flushed();
    b.awaitAcknowledged(a, flushed);
    OperationResult.Frozen frozen =
        (OperationResult.Frozen) b.succeed(new PostgresOperation.Freeze(new Epoch(3), delay));
    assertThat(frozen.end().lsn()).isGreaterThanOrEqualTo(flushed);
  }

  @Test
  void aSettingOfAlterSystemDoesNotOverride() throws Exception {
    b.execute(
        "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port="
            + a.config.port()
            + " user=replicator password=repl application_name=b_secret'");
    b.execute("SELECT pg_reload_conf()");
    EndOfWal end = b.freeze(1);
    a.execute("INSERT INTO t VALUES ('not for b')");
    assertThat(a.sql("SELECT pid FROM pg_stat_replication")).isEmpty();
    assertThat(b.freeze(1)).isEqualTo(end);
    assertThat(Files.readString(b.config.dataDir().resolve("postgresql.auto.conf")))
        .doesNotContain("primary_conninfo");
  }

  @Test
  void aCrashedPrimaryBecomesAStandbyWithAllItWrote() throws Exception {
    b.freeze(1);
    a.execute("INSERT INTO t VALUES ('nobody has this')");
    Lsn flushed = a.flushed();
    a.crash();
    EndOfWal read = a.endOfWal();
    assertThat(read.lsn()).isGreaterThanOrEqualTo(flushed);
    assertThat(a.freeze(1)).isEqualTo(read);
    assertThat(a.sample()).isInstanceOf(PostgresStatus.Standby.class);
  }

  @Test
  void aRunningPrimaryIsNotFrozen() throws Exception {
    assertThat(a.fail(new PostgresOperation.Freeze(new Epoch(1), Map.of())))
        .contains("runs as a primary");
    assertThat(a.sample()).isInstanceOf(PostgresStatus.Primary.class);
  }

  @Test
  void aStoppedStandbyIsStarted() throws Exception {
    b.succeed(new PostgresOperation.Stop(false, Duration.ofSeconds(20)));
    Files.delete(b.config.dataDir().resolve("standby.signal"));
    EndOfWal end = b.freeze(1);
    assertThat(end.timeline()).isEqualTo(TimelineId.FIRST);
    assertThat(Path.of(b.config.dataDir().toString(), "standby.signal")).exists();
  }
}
