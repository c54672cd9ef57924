package io.quorate.rpc.grpc;

import org.jspecify.annotations.Nullable;

/** Reads exceptions for people. */
final class Causes {

  private Causes() {}

  /** The message of the innermost cause: what really went wrong. */
  static String root(Throwable failure) {
    Throwable at = failure;
    for (@Nullable Throwable next = at.getCause(); next != null; next = at.getCause()) {
      at = next;
    }
    String message = at.getMessage();
    return message == null ? at.getClass().getSimpleName() : message;
  }
}
