package io.quorate.cli;

/** Ends a command with a message on standard error and exit status 1. */
public sealed class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what went wrong and, where there is one, the remedy. */
  public CliException(String message) {
    super(message);
  }

  /** Nobody who was asked could do it now; asking again may help. */
  static final class Unreachable extends CliException {
    private static final long serialVersionUID = 1L;

    Unreachable(String message) {
      super(message);
    }
  }
}
