package io.quorate.node;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a thread ends by an exception that nobody expected: it is logged, and the agent
 * goes on. Its pools replace the thread, a lease that is no longer renewed runs out, and PostgreSQL
 * is ended by the fence or the guardian: ending the whole agent would be safe too, but no safer.
 */
final class UncaughtExceptions implements Thread.UncaughtExceptionHandler {

  private static final Logger LOG = LoggerFactory.getLogger(UncaughtExceptions.class);

  private UncaughtExceptions() {}

  /** For every thread of the process that has no handler of its own. */
  static void install() {
    Thread.setDefaultUncaughtExceptionHandler(new UncaughtExceptions());
  }

  @Override
  public void uncaughtException(Thread thread, Throwable failure) {
    LOG.error(
        "thread outcome=failure name=\"{}\" \"a mistake in the program ended this thread\"",
        thread.getName(),
        failure);
  }
}
