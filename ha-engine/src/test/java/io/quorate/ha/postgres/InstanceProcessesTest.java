package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes are found and ended also where this program is out of file descriptors. */
final class InstanceProcessesTest {

  @TempDir Path directory;

  @Test
  void withoutAFreeDescriptorProcessesAreFoundAndEnded() throws Exception {
    Process instance = new ProcessBuilder("sleep", "600").directory(directory.toFile()).start();
    InstanceProcesses processes = new InstanceProcesses(directory);
    assertThat(processes.find()).containsExactly(instance.pid());
    String limits = limits();
    try {
      List<Long> found;
      int reached;
      Deque<InputStream> all = new ArrayDeque<>();
      limit(Long.toString(openNow() + 40));
      try {
        exhaust(all);
        found = processes.find();
        reached = processes.signal(found, Native.SIGKILL);
      } finally {
        for (InputStream one : all) {
          one.close();
        }
      }
      assertThat(found).containsExactly(instance.pid());
      assertThat(reached).isOne();
      assertThat(instance.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(processes.find()).isEmpty();
    } finally {
      limit(limits);
      instance.destroyForcibly();
    }
  }

  private static void exhaust(Deque<InputStream> all) {
    try {
      while (true) {
        all.add(Files.newInputStream(Path.of("/dev/null")));
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("Too many open files");
    }
  }

  private static long openNow() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.mapToLong(fd -> Long.parseLong(fd.getFileName().toString())).max().orElseThrow();
    }
  }

  /** The limit as it is, soft. */
  private static String limits() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith("Max open files"))
        .findFirst()
        .orElseThrow()
        .split(" {2,}", -1)[1];
  }

  private static void limit(String soft) throws Exception {
    Process prlimit =
        new ProcessBuilder(
                "prlimit", "--pid", "" + ProcessHandle.current().pid(), "--nofile=" + soft + ":")
            .inheritIO()
            .start();
    assertThat(prlimit.waitFor()).isZero();
  }
}
