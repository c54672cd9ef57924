package io.quorate.rpc.grpc;

import io.grpc.Status;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads exceptions for people. */
final class Causes {

  private Causes() {}

  /** What a failed call says: the peer's own words, or what kept it from being asked. */
  static String status(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    String description = status.getDescription();
    Throwable cause = status.getCause();
    if (cause != null) {
      return root(cause);
    }
    return description == null || status.getCode() == Status.Code.DEADLINE_EXCEEDED
        ? status.getCode().name().toLowerCase(Locale.ROOT).replace('_', ' ')
        : description;
  }

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
