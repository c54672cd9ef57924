package io.quorate.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** An exception that nobody expected is logged with its thread, and ends nothing else. */
final class UncaughtExceptionsTest {

  @Test
  void logsThreadAndException() throws Exception {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Logger logger = (Logger) LoggerFactory.getLogger(UncaughtExceptions.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      UncaughtExceptions.install();
      Thread thread =
          Thread.ofPlatform()
              .name("worker-7")
              .start(() -> {
                throw new IllegalStateException("for the test");
              });
      thread.join();
    } finally {
      logger.detachAppender(lines);
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.getFirst().getFormattedMessage()).contains("worker-7");
    assertThat(lines.list.getFirst().getThrowableProxy().getMessage()).isEqualTo("for the test");
  }
}
