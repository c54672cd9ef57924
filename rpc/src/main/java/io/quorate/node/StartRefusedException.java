package io.quorate.node;

/**
 * The member must not start as things are, and another attempt would find the same. The message
 * names the setting and says what to do.
 */
final class StartRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartRefusedException(String message) {
    super(message);
  }

  StartRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
