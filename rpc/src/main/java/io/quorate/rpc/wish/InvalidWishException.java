package io.quorate.rpc.wish;

/** A wish that is not what it should be; the message says what to do. */
public final class InvalidWishException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean understood;

  InvalidWishException(String message, boolean understood) {
    super(message);
    this.understood = understood;
  }

  /** Whether it is well-formed and only cannot be: a time without meaning, HTTP's 422. */
  public boolean understood() {
    return understood;
  }

  /** The message. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
