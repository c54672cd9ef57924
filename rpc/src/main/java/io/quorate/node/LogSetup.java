package io.quorate.node;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.quorate.node.config.NodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * The program's log: lines on standard error, {@code 2026-11-22T18:00:00.123Z INFO HaLoop:
 * message}. Under systemd, which stamps lines itself, {@code <6>HaLoop: message} with syslog's
 * priority. A file named by {@code -Dlogback.configurationFile} wins.
 *
 * <p>Found by logback as a service. Set up in code because reading logback's XML costs more than
 * the rest of a short command.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {

  private static final String LINES =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSX, UTC} %-5level %logger{0}: %msg%n%xEx";
  private static final String JOURNAL = "<%priority>%logger{0}: %msg%n%xEx";

  /** What these say of lost connections is said by Quorate itself, once and in its own terms. */
  private static final Map<String, Level> QUIET =
      Map.of("org.apache.ratis", Level.ERROR, "io.grpc", Level.ERROR, "io.netty", Level.WARN);

  /** Lines that wait for a reader that is slow. */
  private static final int QUEUE = 4096;

  /** How long the end of the program waits for a reader. */
  private static final int FLUSH_MILLIS = 2000;

  /** Made by logback. */
  public LogSetup() {}

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (System.getProperty("logback.configurationFile") != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.getInstanceConverterMap().put("priority", SyslogPriority::new);
    layout.setPattern(isJournal(System.getenv("JOURNAL_STREAM")) ? JOURNAL : LINES);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setLayout(layout);
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(unblocked(context, appender));
    context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.INFO);
    LibraryLog.install();
    QUIET.forEach((name, level) -> context.getLogger(name).setLevel(level));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /**
   * Nobody waits for the reader of the log: a pipe that is full must not keep a thread from
   * renewing or fencing. What does not fit into the queue meanwhile is lost.
   */
  private static AsyncAppender unblocked(
      LoggerContext context, ConsoleAppender<ILoggingEvent> appender) {
    AsyncAppender queue = new AsyncAppender();
    queue.setContext(context);
    queue.setName("queue");
    queue.setQueueSize(QUEUE);
    queue.setDiscardingThreshold(0);
    queue.setNeverBlock(true);
    queue.setMaxFlushTime(FLUSH_MILLIS);
    queue.addAppender(appender);
    queue.start();
    // What is still queued when the program ends is written then.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(context::stop));
    return queue;
  }

  /** Sets the level of the program's own lines. */
  static void setLevel(NodeConfig.LogLevel level) {
    ((LoggerContext) LoggerFactory.getILoggerFactory())
        .getLogger("io.quorate")
        .setLevel(
            switch (level) {
              case DEBUG -> Level.DEBUG;
              case INFO -> Level.INFO;
              case WARN -> Level.WARN;
              case ERROR -> Level.ERROR;
            });
  }

  /**
   * Whether standard error is the journal's socket, which the variable names by device and inode; a
   * child whose output goes elsewhere has the variable too.
   */
  private static boolean isJournal(@org.jspecify.annotations.Nullable String stream) {
    if (stream == null) {
      return false;
    }
    try {
      Map<String, Object> stderr = Files.readAttributes(Path.of("/proc/self/fd/2"), "unix:dev,ino");
      return stream.equals(stderr.get("dev") + ":" + stderr.get("ino"));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
