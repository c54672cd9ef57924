package io.quorate.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** A log level as syslog's number, which the journal reads from a line's {@code <N>} prefix. */
public final class SyslogPriority extends ClassicConverter {

  private static final String ERROR = "3";
  private static final String WARNING = "4";
  private static final String INFORMATION = "6";
  private static final String DEBUG = "7";

  /** Made by the layout. */
  public SyslogPriority() {}

  @Override
  public String convert(ILoggingEvent event) {
    return switch (event.getLevel().toInt()) {
      case Level.ERROR_INT -> ERROR;
      case Level.WARN_INT -> WARNING;
      case Level.INFO_INT -> INFORMATION;
      default -> DEBUG;
    };
  }
}
