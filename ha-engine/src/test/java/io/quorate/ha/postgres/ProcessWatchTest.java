package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is taken for dead has its processes killed: nothing that lives may be. */
final class ProcessWatchTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final Process sleeping;

  ProcessWatchTest() throws IOException {
    sleeping = new ProcessBuilder("sleep", "60").start();
  }

  @AfterEach
  void end() {
    sleeping.destroyForcibly();
  }

  @Test
  void aProcessLivesThoughNoDescriptorIsToBeHad() {
    AtomicInteger asked = new AtomicInteger();
    ProcessWatch watch =
        ProcessWatch.of(
            sleeping.pid(),
            pid -> asked.incrementAndGet() < 3 ? -1 : Native.pidfdOpen(pid),
            () -> {},
            () -> {});
    assertThat(watch.awaitEnd(Duration.ofMillis(400))).isFalse();
    sleeping.destroyForcibly();
    assertThat(watch.awaitEnd(LONG)).isTrue();
    assertThat(asked.get()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void itsEndIsSeenWithoutAnyDescriptor() {
    ProcessWatch watch = ProcessWatch.of(sleeping.pid(), _ -> -1, () -> {}, () -> {});
    assertThat(watch.hasEnded()).isFalse();
    sleeping.destroyForcibly();
    assertThat(watch.awaitEnd(LONG)).isTrue();
  }

  /** initdb runs one after the other: their ends are no server's. */
  @Test
  void aStandAloneBackendIsToldFromAServer(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve(PidFile.NAME), "-4711\n" + dir + "\n1795420000\n0\n\n\n");
    assertThat(PidFile.read(dir))
        .hasValueSatisfying(file -> {
          assertThat(file.pid()).isEqualTo(4711);
          assertThat(file.standalone()).isTrue();
        });
  }
}
