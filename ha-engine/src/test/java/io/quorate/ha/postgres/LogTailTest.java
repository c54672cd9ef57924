package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a log that tells why, and not only that. */
final class LogTailTest {

  private static final String LOG =
      """
      LOG:  redo starts at 0/AE56378
      FATAL:  could not extend file "base/5/16391": No space left on device

      LOG:  startup process (PID 9874) exited with exit code 1
      LOG:  database system is shut down
      """;

  @Test
  void keepsTheReasonInFrontOfTheEnd() {
    assertThat(LogTail.last(LOG, 1))
        .isEqualTo(
            "FATAL:  could not extend file \"base/5/16391\": No space left on device"
                + " | LOG:  database system is shut down");
    assertThat(LogTail.last(LOG, 3)).startsWith("FATAL:").doesNotContain("redo starts");
  }

  /** A full disk ended it; clients that knocked meanwhile had the last words. */
  @Test
  void theReasonIsNotLostBehindClientsThatCameTooEarly() {
    String log =
        LOG.replace(
            "LOG:  startup process",
            "FATAL:  the database system is in recovery mode\n".repeat(9)
                + "LOG:  startup process");
    assertThat(LogTail.last(log, 6)).contains("No space left on device");
    assertThat(StartFailure.hint(log)).contains("postgresql.data_dir");
  }

  @Test
  void whatTheCollectorWroteBeforeTheStartDoesNotCount(@TempDir Path dir) throws IOException {
    Path log = dir.resolve("out.log");
    Path collected = dir.resolve("collected.log");
    Files.writeString(dir.resolve("current_logfiles"), "stderr collected.log\n");
    Files.writeString(log, "FATAL:  old\n");
    Files.writeString(collected, "FATAL:  older\n");
    LogTail tail = LogTail.begin(log, dir);
    Files.writeString(collected, "LOG:  new\n", StandardOpenOption.APPEND);
    assertThat(tail.text()).contains("new").doesNotContain("old");
    assertThat(LogTail.end(log, dir)).contains("older", "new");

    Files.writeString(dir.resolve("rotated.log"), "LOG:  rotated\n");
    Files.writeString(dir.resolve("current_logfiles"), "stderr rotated.log\n");
    assertThat(tail.tail(1)).contains("rotated");
  }

  @Test
  void isTheEndWhereNothingWasFatal() {
    assertThat(LogTail.last("LOG:  one\nLOG:  two\n", 1)).isEqualTo("LOG:  two");
  }
}
