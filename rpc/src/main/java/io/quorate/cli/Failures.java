package io.quorate.cli;

import io.quorate.rpc.grpc.AdminClient;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;

/** Reads failures for people. */
final class Failures {

  /** How {@code HTTP/} looks in gRPC's dump of bytes. */
  private static final String HTTP = "485454502f";

  private Failures() {}

  static String text(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  /** Whether it is the store that a member did not reach, and no leader of it is known. */
  static boolean tellsOfNoLeader(String failure) {
    return failure.contains("no leader is known");
  }

  /** Why {@code file} could not be read, and the remedy. */
  static String file(Path file, IOException failure) {
    return file
        + switch (failure) {
          case NoSuchFileException _ -> ": there is no such file";
          case AccessDeniedException _ ->
              ": no permission to read it; ask as the user who has it, such as the agent's";
          default -> ": cannot be read: " + failure.getMessage();
        };
  }

  /** A member's refusal, with what to do about it where that is known here. */
  static String refused(AdminClient.Refused refused) {
    return switch (refused.reason()) {
      case "NO_CREDENTIALS" ->
          "a change needs a login: give --username and --password-file, or a member's file with -c"
              + " which has restapi.authentication ("
              + refused.getMessage()
              + ")";
      case "WRONG_CREDENTIALS" ->
          "the login is not the one in restapi.authentication of the member asked ("
              + refused.getMessage()
              + ")";
      default ->
          refused.late()
              ? "no answer in time: it is not known whether that was done or will be; 'quorate list'"
                  + " shows what is under way, --timeout waits longer"
              : String.valueOf(refused.getMessage());
    };
  }

  /**
   * gRPC says nothing of TLS to a client that speaks none, and in Java's words to one that does; of
   * another protocol it shows the bytes.
   */
  static String explained(String failure) {
    if (failure.contains("First received frame was not SETTINGS") && failure.contains(HTTP)) {
      return "it is no gRPC port but speaks HTTP, as the REST API does: ask grpc.listen's";
    }
    if (failure.startsWith("Method not found: ")) {
      return "it is another port of a member: ask grpc.listen's";
    }
    if (failure.contains("Network closed for unknown reason")
        || failure.contains("First received frame was not SETTINGS")) {
      return failure
          + ": if it speaks TLS, give --cacert, --cert and --key, or a member's file with -c";
    }
    if (failure.contains("not an SSL/TLS record")) {
      return "it speaks plain text: ask it without TLS, or give it certificates";
    }
    if (failure.contains("trust anchor") || failure.contains("certification path")) {
      return failure + ": its certificate is not of the authority given (--cacert, ctl.cacert)";
    }
    return failure.contains("alert")
        ? failure + ": it does not take this certificate (--cert, ctl.certfile)"
        : failure;
  }
}
