package io.quorate.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** What a line of the log looks like, and that nothing goes past it. */
final class LogSetupTest {

  private static String line(LoggerContext context, Level level) {
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ConsoleAppender<ILoggingEvent> appender =
        (ConsoleAppender<ILoggingEvent>)
            ((AsyncAppender) root.getAppender("queue")).getAppender("stderr");
    LoggingEvent event =
        new LoggingEvent(
            "x",
            context.getLogger("io.quorate.ha.Loop"),
            level,
            "took {} ms",
            null,
            new Object[] {7});
    event.setInstant(Instant.parse("2026-11-22T18:00:00.123Z"));
    return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
  }

  @Test
  void aLineHasTimeLevelNameAndMessage() {
    LoggerContext context = new LoggerContext();
    new LogSetup().configure(context);
    assertThat(line(context, Level.INFO))
        .isEqualTo("2026-11-22T18:00:00.123Z INFO  Loop: took 7 ms\n");
    assertThat(context.getLogger("org.apache.ratis.server").getEffectiveLevel())
        .isEqualTo(Level.ERROR);
    assertThat(context.getLogger("io.quorate.ha.Loop").getEffectiveLevel()).isEqualTo(Level.INFO);
  }

  /** The other program of {@link #aReaderThatDoesNotReadHoldsUpNobody()}. */
  static final class Talkative {
    private Talkative() {}

    /** Says more than a pipe and the queue hold, then answers. */
    public static void main(String[] arguments) throws IOException {
      org.slf4j.Logger log = LoggerFactory.getLogger(Talkative.class);
      for (int line = 0; line < 20_000; line++) {
        log.warn("line {}: nobody reads this", line);
      }
      System.out.write('!');
      System.out.flush();
      int _ = System.in.read();
    }
  }

  @Test
  @Timeout(60)
  void aReaderThatDoesNotReadHoldsUpNobody() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Talkative.class.getName())
            .start();
    try {
      assertThat(other.getInputStream().read()).isEqualTo('!');
      assertThat(other.getErrorStream().available()).isPositive();
    } finally {
      other.destroyForcibly();
    }
  }

  @ParameterizedTest
  @CsvSource({"ERROR, 3", "WARN, 4", "INFO, 6", "DEBUG, 7"})
  void theJournalGetsSyslogsPriority(String level, String priority) {
    LoggerContext context = new LoggerContext();
    LoggingEvent event =
        new LoggingEvent("x", context.getLogger("a"), Level.toLevel(level), "m", null, null);
    assertThat(new SyslogPriority().convert(event)).isEqualTo(priority);
  }

  @Test
  void whatLibrariesSayThroughTheJdkArrivesInTheSameLog() {
    LibraryLog.install();
    ListAppender<ILoggingEvent> seen = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger("some.library");
    logger.addAppender(seen);
    seen.start();
    java.util.logging.Logger library = java.util.logging.Logger.getLogger("some.library");
    library.info("chatter");
    library.warning("trouble");
    assertThat(seen.list)
        .singleElement()
        .satisfies(event -> assertThat(event.getFormattedMessage()).isEqualTo("trouble"));
    logger.detachAppender(seen);
  }

  @Test
  void lateTasksOfTheLoopAreDroppedOnceItIsShutDown() {
    ExecutorService loop = NodeAssembly.loop();
    loop.shutdownNow();
    assertThat(loop.isShutdown()).isTrue();
    loop.execute(() -> {
      throw new IllegalStateException("must not run");
    });
  }
}
