package io.quorate.store.raft;

import java.io.IOException;

/**
 * The store must not start, or not go on, with what it finds. The message says what was found and
 * what to do about it.
 */
public final class StoreRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  StoreRefusedException(String message) {
    super(message);
  }

  StoreRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
