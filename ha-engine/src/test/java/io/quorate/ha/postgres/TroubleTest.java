package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quorate.ha.model.Epoch;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.PendingSetting;
import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong is told with its setting and remedy, and nothing is lost by it. */
final class TroubleTest {

  private RealPostgres world;

  @BeforeEach
  void begin() throws Exception {
    world = new RealPostgres();
  }

  @AfterEach
  void end() throws Exception {
    world.close();
  }

  private String unusable(Member member) throws Exception {
    PostgresStatus status = member.sample();
    assertThat(status).isInstanceOf(PostgresStatus.Unusable.class);
    return ((PostgresStatus.Unusable) status).reason();
  }

  @Test
  void aDirectoryOpenToOthers() throws Exception {
    Member a = world.initialized("a");
    Files.setPosixFilePermissions(a.config.dataDir(), PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(unusable(a)).contains("chmod 0700 " + a.config.dataDir());
  }

  @Test
  void aDirectoryOfAnotherVersion() throws Exception {
    Member a = world.initialized("a");
    Files.writeString(a.config.dataDir().resolve("PG_VERSION"), "11\n");
    assertThat(unusable(a)).contains("made by PostgreSQL 11").contains("postgresql.bin_dir");
  }

  @Test
  void aDirectoryWithSomethingElseInIt() throws Exception {
    Member a = world.member("a");
    Path data = Files.createDirectory(a.config.dataDir());
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    RealPostgres.own(data);
    Files.writeString(data.resolve("precious"), "mine");
    assertThat(unusable(a)).contains("no PostgreSQL data directory");
    assertThat(a.fail(new PostgresOperation.InitDb(RealPostgres.dataId(1)))).contains("not empty");
    assertThat(a.fail(new PostgresOperation.Clone(a.source(1), RealPostgres.dataId(1))))
        .contains("not empty");
    assertThat(data.resolve("precious")).hasContent("mine");
  }

  @Test
  void aDamagedControlFile() throws Exception {
    Member a = world.initialized("a");
    Files.write(a.config.dataDir().resolve("global/pg_control"), new byte[8192]);
    assertThat(unusable(a)).contains("pg_control").contains("damaged");
    Files.delete(a.config.dataDir().resolve("global/pg_control"));
    assertThat(unusable(a)).contains("has no global/pg_control");
  }

  @Test
  void aMakingThatWasCutOffIsBegunAnew() throws Exception {
    Member a = world.member("a");
    // As after kill -9 of the agent and initdb together.
    Path data = Files.createDirectory(a.config.dataDir());
    RealPostgres.own(data);
    new UnfinishedWork(new Instance(a.config)).beginMaking("initdb");
    Files.createDirectory(data.resolve("base"));
    Files.writeString(data.resolve("PG_VERSION"), "15\n");
    a.restartAgent();
    assertThat(a.sample())
        .as("nothing in it is to be kept")
        .isInstanceOf(PostgresStatus.NoData.class);
    a.succeed(new PostgresOperation.InitDb(RealPostgres.dataId(2)));
    a.startPrimary();
    assertThat(a.sql("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1"))
        .containsExactly("postgres", "replicator", "rewinder");
  }

  @Test
  void aPortInUse() throws Exception {
    Member a = world.initialized("a");
    try (ServerSocket _ = new ServerSocket(a.config.port(), 1, InetAddress.getLoopbackAddress())) {
      assertThat(a.fail(new PostgresOperation.StartPrimary(Map.of())))
          .startsWith("postgresql.listen: the port is in use")
          .contains("Address already in use");
    }
    a.startPrimary();
  }

  /** A typing error in the cluster's configuration must not keep every server down. */
  @Test
  void aSettingThatPostgresDoesNotKnow() throws Exception {
    Member a = world.initialized("a");
    a.succeed(new PostgresOperation.StartPrimary(Map.of("max_conections", "5", "work_mem", "5MB")));
    assertThat(a.sql("SELECT count(*) FROM pg_settings WHERE name = 'max_conections'"))
        .containsExactly("0");
    assertThat(a.sql("SHOW work_mem")).containsExactly("4MB");
  }

  @Test
  void missingPrograms() throws Exception {
    Member a = world.initialized("a");
    try (LocalPostgres other =
        new LocalPostgres(
            withBin(a.config, Path.of("/nonexistent/bin")),
            RealPostgres.launcher(),
            world.time,
            world.time)) {
      OperationResult result = a.get(other.run(new PostgresOperation.StartPrimary(Map.of())));
      assertThat(result).asString().contains("postgresql.bin_dir").contains("/nonexistent/bin");
      assertThat(a.get(other.sample())).asString().contains("postgresql.bin_dir");
    }
  }

  @Test
  void aWrongPassword() throws Exception {
    Member a = world.initialized("a");
    a.startPrimary();
    a.execute("ALTER ROLE replicator PASSWORD 'changed'");
    Member b = world.member("b");
    assertThat(b.fail(new PostgresOperation.Clone(a.source(1), RealPostgres.dataId(2))))
        .contains("password authentication failed")
        .contains("replicator");
    a.execute("ALTER ROLE postgres PASSWORD 'changed too'");
    a.restartAgent();
    assertThat(a.sample())
        .isInstanceOf(PostgresStatus.Unresponsive.class)
        .asString()
        .contains("password of role postgres")
        .contains("postgresql.authentication");
  }

  @Test
  void aWrongReplicationPasswordOfAStandbyThatWas() throws Exception {
    Member a = world.initialized("a");
    a.startPrimary();
    Member b = world.member("b");
    b.joinAsStandby(a, 1);
    a.execute("ALTER ROLE replicator PASSWORD 'changed'");
    a.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
    b.awaitSample(status ->
        status instanceof PostgresStatus.Standby standby
            && standby
                .receiverProblem()
                .filter(problem ->
                    problem.startsWith("postgresql.authentication.replication")
                        && problem.contains("replicator"))
                .isPresent());
  }

  @Test
  void aFullDisk() throws Exception {
    assumeTrue(RealPostgres.ROOT, "mounting a small file system needs root");
    Member a = world.initialized("a");
    a.startPrimary();
    Member b = world.member("b");
    Path data = Files.createDirectory(b.config.dataDir());
    RealPostgres.own(data);
    mount(data);
    try {
      assertThat(b.fail(new PostgresOperation.Clone(a.source(1), RealPostgres.dataId(2))))
          .contains("No space left on device");
      assertThat(b.sample()).isInstanceOf(PostgresStatus.NoData.class);
    } finally {
      command("umount", data.toString());
    }
    b.joinAsStandby(a, 1);
  }

  private static void mount(Path on) throws Exception {
    command(
        "mount", "-t", "tmpfs", "-o", "size=12m,mode=0700,uid=postgres", "tmpfs", on.toString());
  }

  private static void command(String... words) throws Exception {
    Process process = new ProcessBuilder(words).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", words)).isZero();
  }

  @Test
  void aRemovedDirectoryIsKeptBeside() throws Exception {
    Member a = world.initialized("a");
    a.startPrimary();
    a.succeed(new PostgresOperation.RemoveData("test"));
    assertThat(a.processes()).isEmpty();
    assertThat(a.sample()).isInstanceOf(PostgresStatus.NoData.class);
    Path aside = a.home.resolve("data.removed-1");
    assertThat(aside.resolve("PG_VERSION")).exists();
    assertThat(aside.resolve("quorate.removed")).hasContent("test\n");
  }

  @Test
  void settingsBelowThePrimarysAreRaisedForAStandby() throws Exception {
    Member a = world.initialized("a");
    a.succeed(new PostgresOperation.StartPrimary(Map.of("max_connections", "150")));
    Member b = world.member("b");
    b.succeed(new PostgresOperation.Clone(a.source(1), RealPostgres.dataId(2)));
    b.succeed(new PostgresOperation.Freeze(new Epoch(1), Map.of("max_connections", "50")));
    assertThat(b.sql("SHOW max_connections")).containsExactly("150");
    assertThat(b.sql("SHOW wal_log_hints")).containsExactly("on");
  }

  @Test
  void whatShrankOnThePrimaryWaitsOnAStandbyForItsRestart() throws Exception {
    Map<String, String> more = Map.of("max_connections", "150");
    Map<String, String> less = Map.of("max_connections", "50");
    Member a = world.initialized("a");
    a.succeed(new PostgresOperation.StartPrimary(more));
    Member b = world.member("b");
    b.succeed(new PostgresOperation.Clone(a.source(1), RealPostgres.dataId(2)));
    b.succeed(new PostgresOperation.Follow(a.source(1), false, less));
    assertThat(b.sql("SHOW max_connections")).containsExactly("150");
    assertThat(((PostgresStatus.Standby) b.sample()).pendingRestart()).isEmpty();
    a.succeed(new PostgresOperation.Stop(true, Duration.ofSeconds(20)));
    a.succeed(new PostgresOperation.StartPrimary(less));
    b.awaitSample(status ->
        status instanceof PostgresStatus.Standby standby
            && standby
                .pendingRestart()
                .equals(List.of(new PendingSetting("max_connections", "150", "50"))));
    b.succeed(new PostgresOperation.Stop(true, Duration.ofSeconds(20)));
    b.succeed(new PostgresOperation.Freeze(new Epoch(1), less));
    assertThat(b.sql("SHOW max_connections")).containsExactly("50");
    assertThat(((PostgresStatus.Standby) b.sample()).pendingRestart()).isEmpty();
  }

  @Test
  void slotsOfOthersAreLeftAlone() throws Exception {
    Member a = world.initialized("a");
    a.startPrimary();
    a.execute("SELECT pg_create_physical_replication_slot('backup')");
    a.succeed(new PostgresOperation.EnsureSlots(new TreeSet<>(List.of("b", "c"))));
    a.succeed(new PostgresOperation.EnsureSlots(new TreeSet<>(List.of("c", "d"))));
    assertThat(a.sql("SELECT slot_name FROM pg_replication_slots ORDER BY 1"))
        .containsExactly("backup", "c", "d");
    assertThat(((PostgresStatus.Primary) a.sample()).slots())
        .extracting(PostgresStatus.Slot::name)
        .containsExactly("c", "d");
    // Stopped and come back as a standby, it holds back WAL for nobody.
    a.succeed(new PostgresOperation.Stop(true, Duration.ofSeconds(20)));
    a.succeed(
        new PostgresOperation.Follow(
            new PostgresOperation.Source(new MemberName("b"), "127.0.0.1", 1, new Epoch(2)),
            true,
            Map.of()));
    assertThat(a.sql("SELECT slot_name FROM pg_replication_slots")).containsExactly("backup");
  }

  @Test
  void aSlotHoldsBackNoMoreThanItMay() throws Exception {
    Member a = world.initialized("a");
    a.startPrimary();
    assertThat(a.sql("SHOW max_slot_wal_keep_size")).as("without a setting").doesNotContain("-1");
    a.succeed(new PostgresOperation.Stop(true, Duration.ofSeconds(20)));
    a.succeed(
        new PostgresOperation.StartPrimary(
            Map.of("max_slot_wal_keep_size", "48MB", "wal_keep_size", "0")));
    a.succeed(new PostgresOperation.EnsureSlots(new TreeSet<>(List.of("b"))));
    writeSegments(a, 30);
    assertThat(slot(a).holdsMuch()).as(slot(a).toString()).isTrue();
    writeSegments(a, 30);
    a.execute("CHECKPOINT");
    assertThat(slot(a).lost()).as(slot(a).toString()).isTrue();
    a.succeed(new PostgresOperation.EnsureSlots(new TreeSet<>(List.of("b"))));
    assertThat(slot(a).lost()).as("made anew: " + slot(a)).isFalse();
    assertThat(slot(a).heldBytes()).isLessThan(48 << 20);
  }

  private static void writeSegments(Member a, int segments) throws Exception {
    for (int i = 0; i < segments; i++) {
      a.execute("SELECT pg_logical_emit_message(false, 'test', 'a'), pg_switch_wal()");
    }
  }

  private static PostgresStatus.Slot slot(Member a) throws Exception {
    return ((PostgresStatus.Primary) a.sample()).slots().getFirst();
  }

  @Test
  void thePidOfAnotherProgramInThePidFileIsNoObstacle() throws Exception {
    Member a = world.initialized("a");
    a.startPrimary();
    a.crash();
    Path file = a.config.dataDir().resolve(PidFile.NAME);
    List<String> lines = new java.util.ArrayList<>(Files.readAllLines(file));
    lines.set(0, Long.toString(ProcessHandle.current().pid()));
    Files.write(file, lines);
    a.startPrimary();
    assertThat(a.sample()).isInstanceOf(PostgresStatus.Primary.class);
  }

  private static PostgresConfig withBin(PostgresConfig c, Path bin) {
    return new PostgresConfig(
        c.scope(),
        c.name(),
        c.dataDir(),
        bin,
        c.stateDir(),
        c.listenAddresses(),
        c.port(),
        c.connectHost(),
        c.connectPort(),
        c.superuser(),
        c.replication(),
        c.rewind(),
        c.useUnixSocket(),
        c.parameters(),
        c.pgHba(),
        c.pgIdent(),
        c.initdbOptions(),
        c.basebackupOptions(),
        c.usePgRewind(),
        c.removeOnRewindFailure(),
        c.removeOnDivergedTimelines(),
        c.keptWalBytes());
  }
}
