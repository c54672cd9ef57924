package io.quorate.store.raft;

import java.io.IOException;

/**
 * The store must not start, or not go on, with what it finds. The message says what was found and
 * what to do about it.
 */
public final class StoreRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean mayPass;

  StoreRefusedException(String message) {
    super(message);
    this.mayPass = false;
  }

  StoreRefusedException(String message, Throwable cause) {
    super(message, cause);
    this.mayPass = false;
  }

  private StoreRefusedException(String message, Throwable cause, boolean mayPass) {
    super(message, cause);
    this.mayPass = mayPass;
  }

  /** For what may be otherwise at the next attempt: a port in use, a full disk. */
  static StoreRefusedException forNow(String message, Throwable cause) {
    return new StoreRefusedException(message, cause, true);
  }

  /** Whether another attempt may end otherwise, though nobody has done what the message says. */
  public boolean mayPass() {
    return mayPass;
  }
}
