package io.quorate.node;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads what libraries say through the JDK's own logging into the program's log, so that there is
 * one format and one place that decides what is shown.
 */
final class LibraryLog extends Handler {

  /** Below this, records are not even made. */
  private static final Level LEAST = Level.WARNING;

  private final SimpleFormatter formatter = new SimpleFormatter();

  private LibraryLog() {}

  /** Takes the place of the JDK's handler, which writes two lines of its own form to stderr. */
  static void install() {
    LogManager.getLogManager().reset();
    java.util.logging.Logger root = LogManager.getLogManager().getLogger("");
    root.setLevel(LEAST);
    root.addHandler(new LibraryLog());
  }

  @Override
  public void publish(LogRecord event) {
    String name = event.getLoggerName();
    Logger logger = LoggerFactory.getLogger(name == null ? "java" : name);
    String message = formatter.formatMessage(event);
    if (event.getLevel().intValue() >= Level.SEVERE.intValue()) {
      logger.error(message, event.getThrown());
    } else {
      logger.warn(message, event.getThrown());
    }
  }

  @Override
  public void flush() {
    // Nothing is kept back.
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
