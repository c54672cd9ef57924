package io.quorate.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.ratis.util.ExitUtils;
import org.junit.jupiter.api.Test;

/** Ratis ends the process at an uncaught exception in any thread, unless it is kept from that. */
final class UncaughtTest {

  @Test
  void anExceptionOfAnotherThreadEndsNothing() throws Exception {
    RaftNode.keepProcess();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              throw new IllegalStateException("for the test");
            });
    thread.join();
    assertThat(ExitUtils.isTerminated()).isFalse();
  }
}
