package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.ha.model.PostgresStatus;
import io.quorate.ha.port.OperationResult;
import io.quorate.ha.port.PostgresOperation;
import io.quorate.time.BootTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every process of the instance ends, whatever state it is in, and a standby is left behind. */
final class FencingTest {

  private static final int SIGSTOP = 19;

  private RealPostgres world;
  private Member a;

  @BeforeEach
  void primary() throws Exception {
    world = new RealPostgres();
    a = world.initialized("a");
    a.startPrimary();
  }

  @AfterEach
  void end() throws Exception {
    world.close();
  }

  private void fence() throws Exception {
    BootTime began = world.time.now();
    assertThat(a.get(a.postgres.fence("test"))).isInstanceOf(OperationResult.Succeeded.class);
    System.out.println("measured: fence took " + began.until(world.time.now()).toMillis() + " ms");
    assertThat(a.processes()).isEmpty();
    PostgresStatus.Stopped stopped = (PostgresStatus.Stopped) a.sample();
    assertThat(stopped.standbySignal()).isTrue();
  }

  @Test
  void aServerUnderLoadIsEnded() throws Exception {
    try (Load _ = Load.on(a)) {
      fence();
    }
  }

  @Test
  void aServerIsEndedThoughAStepThatHoldsItUpHangs() throws Exception {
    Postmaster postmaster =
        new Postmaster(
            new Instance(a.config),
            RealPostgres.launcher(),
            new InstanceProcesses(a.config.dataDir()),
            new Patience(a.world.time));
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch diskAnswers = new CountDownLatch(1);
    Postmaster.Permit permit = postmaster.permit();
    Thread step =
        Thread.ofPlatform()
            .start(() -> {
              try {
                postmaster.guarded(
                    permit,
                    () -> {
                      hanging.countDown();
                      try {
                        diskAnswers.await();
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                      postmaster.requireValid(permit);
                      throw new IllegalStateException("the permit was still valid");
                    });
              } catch (PostgresFailure e) {
                // What was to be seen: the step does not go on to its end.
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    hanging.await();
    Thread fence = Thread.ofPlatform().start(() -> postmaster.endAll("test"));
    a.await(() -> a.processes().isEmpty());
    assertThat(fence.isAlive()).as("not confirmed while the step hangs").isTrue();
    diskAnswers.countDown();
    assertThat(fence.join(Duration.ofSeconds(20))).isTrue();
    assertThat(step.join(Duration.ofSeconds(20))).isTrue();
  }

  @Test
  void aServerWhoseDirectoryWasRemovedUnderItIsEnded() throws Exception {
    assertThat(a.sample()).isInstanceOf(PostgresStatus.Primary.class);
    Process remove = new ProcessBuilder("rm", "-rf", a.config.dataDir().toString()).start();
    assertThat(remove.waitFor()).isZero();
    assertThat(a.config.dataDir()).doesNotExist();
    assertThat(a.processes()).as("seen, though their directory is gone").isNotEmpty();
    assertThat(a.sample())
        .as("no start is under way")
        .isInstanceOf(PostgresStatus.Unresponsive.class);
    assertThat(a.get(a.postgres.fence("test"))).isInstanceOf(OperationResult.Succeeded.class);
    assertThat(a.processes()).isEmpty();
  }

  @Test
  void aStoppedServerIsEnded() throws Exception {
    a.kill(SIGSTOP, a.postmaster());
    a.await(() -> ProcessFacts.of(a.postmaster()).orElseThrow().stopped());
    assertThat(a.sample())
        .isInstanceOf(PostgresStatus.Unresponsive.class)
        .extracting(Object::toString)
        .asString()
        .contains("SIGSTOP");
    fence();
  }

  @Test
  void aServerWithEveryProcessStoppedAnswersAsUnresponsiveInTime() throws Exception {
    PostgresStatus _ = a.sample();
    long postmaster = a.postmaster();
    for (long pid : a.processes()) {
      if (pid != postmaster) {
        a.kill(SIGSTOP, pid);
      }
    }
    BootTime began = world.time.now();
    assertThat(a.sample()).isInstanceOf(PostgresStatus.Unresponsive.class);
    assertThat(began.until(world.time.now())).isLessThan(Duration.ofSeconds(5));
    fence();
  }

  @Test
  void theBackendsOfAKilledServerAreEnded() throws Exception {
    Thread client =
        Thread.ofPlatform()
            .daemon(true)
            .start(() -> {
              try (Sql sql =
                  new Sql(
                      Sql.socket(a.home.toString(), a.config.port(), a.config.superuser())
                          .withStatementMillis(60_000))) {
                // Busy, without looking at anything: it outlives its postmaster.
                sql.execute("DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$");
              } catch (PostgresFailure e) {
                // Ended with its backend.
              }
            });
    a.await(() ->
        !a.sql("SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'")
            .isEmpty());
    long postmaster = a.postmaster();
    a.kill(Native.SIGKILL, postmaster);
    // Nobody asked: a dead server's backends serve nobody and stand in the way of the next.
    a.await(() -> a.processes().isEmpty());
    assertThat(a.sample()).isInstanceOf(PostgresStatus.Stopped.class);
    fence();
    client.join();
  }

  /** The thread that notices a server's end may be held up, and the next be started meanwhile. */
  @Test
  void anEndNoticedLateDoesNotEndTheNextServer() throws Exception {
    Postmaster postmaster =
        new Postmaster(
            new Instance(a.config),
            RealPostgres.launcher(),
            new InstanceProcesses(a.config.dataDir()),
            new Patience(a.world.time));
    long former = a.postmaster();
    a.succeed(new PostgresOperation.Stop(false, Duration.ofSeconds(20)));
    a.succeed(new PostgresOperation.StartPrimary(Map.of()));
    long next = a.postmaster();
    List<Long> running = a.processes();
    postmaster.endOrphans(former);
    assertThat(a.processes()).containsAll(running).contains(next);
    assertThat(a.sample()).isInstanceOf(PostgresStatus.Primary.class);
  }

  @Test
  void aStartUnderWayIsEndedToo() throws Exception {
    a.succeed(new PostgresOperation.Stop(false, Duration.ofSeconds(20)));
    for (int i = 0; i < 5; i++) {
      CompletionStage<OperationResult> start =
          a.postgres.run(new PostgresOperation.StartPrimary(Map.of()));
      CompletionStage<OperationResult> fence = a.postgres.fence("test");
      assertThat(a.get(fence)).isInstanceOf(OperationResult.Succeeded.class);
      assertThat(a.get(start)).isInstanceOf(OperationResult.Failed.class);
      assertThat(a.processes()).isEmpty();
      assertThat(a.config.dataDir().resolve("standby.signal")).exists();
    }
  }

  @Test
  void theServerOutlivesTheAgentAndItsEndIsNoticedByTheNext() throws Exception {
    long before = a.postmaster();
    a.restartAgent();
    assertThat(a.sample()).isInstanceOf(PostgresStatus.Primary.class);
    assertThat(a.postmaster()).isEqualTo(before);
    CountDownLatch noticed = new CountDownLatch(1);
    a.postgres.onProcessChange(noticed::countDown);
    BootTime began = world.time.now();
    a.crash();
    assertThat(noticed.await(20, TimeUnit.SECONDS)).isTrue();
    System.out.println(
        "measured: an adopted server's end was noticed within "
            + began.until(world.time.now()).toMillis()
            + " ms");
    assertThat(a.sample()).isInstanceOf(PostgresStatus.Stopped.class);
  }

  @Test
  void aPersonsShellInTheDirectoryIsLeftAlone() throws Exception {
    // script(1) gives it a terminal.
    Process shell =
        new ProcessBuilder(
                "script", "-qfc", "cd " + a.config.dataDir() + " && exec sleep 600", "/dev/null")
            .redirectErrorStream(true)
            .start();
    a.await(() -> shell.descendants().anyMatch(child -> standsIn(child.pid(), a.config.dataDir())));
    fence();
    assertThat(shell.isAlive()).isTrue();
    shell.descendants().forEach(ProcessHandle::destroyForcibly);
    assertThat(shell.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }

  private static boolean standsIn(long pid, Path directory) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd")).equals(directory);
    } catch (java.io.IOException e) {
      return false;
    }
  }

  @Test
  void anUnreachableStandbyDoesNotHoldUpTheStop() throws Exception {
    Member b = world.member("b");
    b.joinAsStandby(a, 1);
    long receiver = Long.parseLong(b.sql("SELECT pid FROM pg_stat_wal_receiver").getFirst());
    b.kill(SIGSTOP, receiver);
    a.execute("CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
    BootTime began = world.time.now();
    a.succeed(new PostgresOperation.Stop(false, Duration.ofSeconds(1)));
    assertThat(began.until(world.time.now())).isLessThan(Duration.ofSeconds(8));
    assertThat(a.processes()).isEmpty();
    assertThat(((PostgresStatus.Stopped) a.sample()).standbySignal()).isTrue();
  }

  @Test
  void fencingNothingSucceeds() throws Exception {
    Member none = world.member("none");
    assertThat(none.get(none.postgres.fence("test"))).isInstanceOf(OperationResult.Succeeded.class);
    assertThat(none.sample()).isInstanceOf(PostgresStatus.NoData.class);
    assertThat(List.of(none.config.dataDir())).noneMatch(Files::exists);
  }
}
