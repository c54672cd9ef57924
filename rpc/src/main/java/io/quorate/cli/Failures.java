package io.quorate.cli;

import java.util.concurrent.CompletionException;

/** Reads failures for people. */
final class Failures {

  private Failures() {}

  static String text(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
