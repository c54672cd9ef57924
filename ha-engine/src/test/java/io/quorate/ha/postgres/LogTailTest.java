package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

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

  @Test
  void isTheEndWhereNothingWasFatal() {
    assertThat(LogTail.last("LOG:  one\nLOG:  two\n", 1)).isEqualTo("LOG:  two");
  }
}
