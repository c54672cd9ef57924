package io.quorate.ha.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a WAL receiver says in the log, and the remedy. */
final class ReceiverProblemTest {

  @Test
  void theLastAttemptTells() {
    String log =
        """
        2026-11-23 [1] FATAL:  could not connect to the primary server: connection refused
        2026-11-23 [1] LOG:  waiting for WAL to become available at 0/3000018
        2026-11-23 [2] FATAL:  could not receive data from WAL stream: ERROR:  requested WAL segment 0001 has already been removed
        2026-11-23 [2] LOG:  waiting for WAL to become available at 0/3000018
        """;
    assertThat(ReceiverProblem.of(log))
        .hasValueSatisfying(text ->
            assertThat(text).contains("quorate reinit").contains("0001 has already been removed"));
  }

  @Test
  void otherTroubleOfTheServerIsNoneOfIt() {
    assertThat(ReceiverProblem.of("FATAL:  the database system is starting up\n")).isEmpty();
  }
}
