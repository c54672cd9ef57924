package io.quorate.cli;

/** What the end of the process tells whoever started it. */
public final class ExitStatus {

  /** Done. */
  public static final int DONE = 0;

  /** Not done; trying again may help. The reason is on standard error. */
  public static final int FAILED = 1;

  /** The command line was wrong. */
  public static final int WRONG_USE = 2;

  /**
   * Refused, and trying again changes nothing before somebody has done what the message says:
   * {@code EX_CONFIG} of sysexits.h. A supervisor is to leave the agent stopped.
   */
  public static final int REFUSED = 78;

  private ExitStatus() {}
}
