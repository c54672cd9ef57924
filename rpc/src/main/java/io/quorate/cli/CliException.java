package io.quorate.cli;

import java.util.Optional;

/** Ends a command with a message on standard error, and exit status 1 unless it says another. */
public sealed class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what went wrong and, where there is one, the remedy. */
  public CliException(String message) {
    super(message);
  }

  /** The command line is wrong, whatever the cluster is like: exit status 2. */
  static final class WrongUse extends CliException {
    private static final long serialVersionUID = 1L;

    WrongUse(String message) {
      super(message);
    }

    /**
     * Refuses {@code value} where it is blank: left so by a script's variable, it is not to mean
     * the same as not given.
     */
    static void unlessBlank(String option, Optional<String> value) {
      if (value.filter(String::isBlank).isPresent()) {
        throw new WrongUse(option + " is empty: give it a value, or leave it out");
      }
    }
  }

  /** Nobody who was asked could do it now; asking again may help. */
  static final class Unreachable extends CliException {
    private static final long serialVersionUID = 1L;

    Unreachable(String message) {
      super(message);
    }
  }
}
