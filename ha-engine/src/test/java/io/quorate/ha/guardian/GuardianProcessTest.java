package io.quorate.ha.guardian;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.time.BootTime;
import io.quorate.time.SystemTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real guardian, with a process that stands in the directory instead of PostgreSQL. */
final class GuardianProcessTest {

  private static final Duration LONG = Duration.ofMinutes(10);
  private static final long PATIENCE_SECONDS = 20;

  @TempDir Path directory;
  private SystemTime time;
  private Path dataDir;
  private Path stateDir;
  private Process instance;

  @BeforeEach
  void prepare() throws IOException {
    time = SystemTime.start();
    dataDir = Files.createDirectory(directory.resolve("pgdata"));
    stateDir = directory.resolve("state");
    instance = new ProcessBuilder("sleep", "600").directory(dataDir.toFile()).start();
  }

  @AfterEach
  void end() throws Exception {
    try (GuardianProcess last = guardian()) {
      assertThat(get(last.disarm())).isTrue();
    }
    instance.destroyForcibly().waitFor();
    time.close();
  }

  private GuardianProcess guardian() {
    return new GuardianProcess(stateDir, dataDir, time);
  }

  private static boolean get(java.util.concurrent.CompletionStage<Boolean> stage) throws Exception {
    return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private BootTime in(Duration duration) {
    return time.now().plus(duration);
  }

  private void awaitDeath() throws InterruptedException {
    assertThat(instance.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void endsTheInstanceWhenNotFed() throws Exception {
    BootTime deadline = in(Duration.ofMillis(700));
    try (GuardianProcess guardian = guardian()) {
      assertThat(get(guardian.arm(deadline))).isTrue();
      awaitDeath();
      // A hundredth of a second is lost to rounding.
      assertThat(time.now().isBefore(deadline.minus(Duration.ofMillis(20)))).isFalse();
    }
  }

  @Test
  void leavesAStandbyBehind() throws Exception {
    try (GuardianProcess guardian = guardian()) {
      assertThat(get(guardian.arm(in(Duration.ofMillis(100))))).isTrue();
      awaitDeath();
      GuardianFiles files = new GuardianFiles(stateDir);
      while (files.running().isPresent()) {
        Thread.onSpinWait();
      }
      assertThat(dataDir.resolve("standby.signal")).exists();
      assertThat(Files.readString(files.log())).contains("ended the instance");
    }
  }

  @Test
  void oneThatStandsReadyTouchesNothingUntilItIsArmed() throws Exception {
    try (GuardianProcess guardian = guardian()) {
      guardian.prepare();
      assertThat(guardian.armed()).isFalse();
      GuardianFiles files = new GuardianFiles(stateDir);
      while (files.running().isEmpty()) {
        Thread.onSpinWait();
      }
      long ready = files.running().orElseThrow().pid();
      assertThat(instance.waitFor(500, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(get(guardian.arm(in(Duration.ofMillis(400))))).isTrue();
      assertThat(guardian.armed()).isTrue();
      assertThat(files.running().map(ProcessHandle::pid)).contains(ready);
      awaitDeath();
    }
  }

  @Test
  void letsLiveWhatIsFed() throws Exception {
    try (GuardianProcess guardian = guardian()) {
      assertThat(get(guardian.arm(in(Duration.ofMillis(800))))).isTrue();
      guardian.feed(in(LONG));
      assertThat(instance.waitFor(1500, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(guardian.armed()).isTrue();
    }
  }

  @Test
  void theInstanceOfARemovedDirectoryIsEndedToo() throws Exception {
    try (GuardianProcess guardian = guardian()) {
      assertThat(get(guardian.arm(in(Duration.ofMillis(700))))).isTrue();
      Files.delete(dataDir);
      awaitDeath();
    }
  }

  @Test
  void aStoppedInstanceIsEndedToo() throws Exception {
    new ProcessBuilder("kill", "-STOP", Long.toString(instance.pid())).start().waitFor();
    try (GuardianProcess guardian = guardian()) {
      assertThat(get(guardian.arm(in(Duration.ofMillis(100))))).isTrue();
      awaitDeath();
    }
  }

  @Test
  void isTakenOverByTheNextRun() throws Exception {
    try (GuardianProcess first = guardian()) {
      assertThat(get(first.arm(in(Duration.ofSeconds(2))))).isTrue();
    }
    long before = new GuardianFiles(stateDir).running().orElseThrow().pid();
    try (GuardianProcess second = guardian()) {
      assertThat(second.armed()).as("found").isTrue();
      assertThat(get(second.arm(in(LONG)))).isTrue();
      assertThat(new GuardianFiles(stateDir).running().orElseThrow().pid()).isEqualTo(before);
      assertThat(instance.waitFor(2500, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  @Test
  void disarmedItTouchesNothing() throws Exception {
    try (GuardianProcess guardian = guardian()) {
      assertThat(get(guardian.arm(in(Duration.ofMillis(500))))).isTrue();
      assertThat(get(guardian.disarm())).isTrue();
      assertThat(guardian.armed()).isFalse();
      assertThat(new GuardianFiles(stateDir).running()).isEmpty();
      assertThat(instance.waitFor(1000, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(dataDir.resolve("standby.signal")).doesNotExist();
    }
  }

  @Test
  void aKilledGuardianIsNoticedAndStartedAnew() throws Exception {
    try (GuardianProcess guardian = guardian()) {
      assertThat(get(guardian.arm(in(LONG)))).isTrue();
      ProcessHandle process = new GuardianFiles(stateDir).running().orElseThrow();
      process.destroyForcibly();
      process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      guardian.feed(in(LONG));
      while (guardian.armed()) {
        Thread.onSpinWait();
      }
      assertThat(get(guardian.arm(in(LONG)))).isTrue();
      assertThat(List.of(guardian.armed(), instance.isAlive())).containsOnly(true);
    }
  }

  /** Its file is empty for a moment at each answer, and stays so where the disk is full. */
  @Test
  void oneThatCannotBeReadOfIsFoundAllTheSame() throws Exception {
    GuardianFiles files = new GuardianFiles(stateDir);
    try (GuardianProcess guardian = guardian()) {
      assertThat(get(guardian.arm(in(LONG)))).isTrue();
      long first = files.running().orElseThrow().pid();
      Files.writeString(files.pidFile(), "");
      assertThat(files.running().map(ProcessHandle::pid)).contains(first);
      guardian.feed(in(LONG));
      assertThat(get(guardian.arm(in(LONG)))).isTrue();
      assertThat(files.all()).extracting(ProcessHandle::pid).containsExactly(first);
      Files.delete(files.pidFile());
      assertThat(get(guardian.disarm())).isTrue();
      assertThat(files.all()).isEmpty();
      assertThat(ProcessHandle.of(first)).isNotPresent();
    }
  }

  @Test
  void closedItDoesNothingAndThrowsNothing() throws Exception {
    GuardianProcess guardian = guardian();
    assertThat(get(guardian.arm(in(LONG)))).isTrue();
    guardian.close();
    guardian.feed(in(LONG));
    guardian.prepare();
    assertThat(guardian.armed()).isFalse();
    assertThat(get(guardian.arm(in(LONG)))).isFalse();
    assertThat(get(guardian.disarm())).isFalse();
    assertThat(new GuardianFiles(stateDir).all()).hasSize(1);
  }
}
