package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The control file against the program that prints it. */
final class PgControlFileTest {

  @Test
  void saysWhatPgControldataSays() throws Exception {
    try (RealPostgres world = new RealPostgres()) {
      Member member = world.initialized("a");
      Instance instance = new Instance(member.config);
      compare(instance);
      member.startPrimary();
      member.execute("CREATE TABLE t(x int)");
      compare(instance);
      member.crash();
      compare(instance);
    }
  }

  @Test
  void aDamagedFileIsLeftToTheProgram() throws Exception {
    try (RealPostgres world = new RealPostgres()) {
      Member member = world.initialized("a");
      Path file = member.config.dataDir().resolve("global/pg_control");
      byte[] bytes = Files.readAllBytes(file);
      assertThat(PgControlFile.read(member.config.dataDir())).isPresent();
      bytes[41] ^= 1;
      Files.write(file, bytes);
      assertThat(PgControlFile.read(member.config.dataDir())).isEmpty();
    }
  }

  private static void compare(Instance instance) {
    Optional<Map<String, String>> read = PgControlFile.read(instance.dataDir());
    ControlData printed =
        ControlData.parse(
            RealPostgres.launcher()
                .ask(
                    List.of(
                        instance.program("pg_controldata"), "-D", instance.dataDir().toString()),
                    Duration.ofSeconds(10))
                .output());
    assertThat(read).isPresent();
    read.get().forEach((name, value) -> assertThat(printed.text(name)).as(name).isEqualTo(value));
  }
}
