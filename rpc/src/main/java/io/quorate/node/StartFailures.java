package io.quorate.node;

import io.quorate.cli.ExitStatus;
import io.quorate.store.raft.StoreRefusedException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;

/** What a failed start is called in the log, and which exit status it has. */
final class StartFailures {

  private StartFailures() {}

  /** {@link ExitStatus#REFUSED} where another attempt would end the same, else FAILED. */
  static int status(Throwable failure) {
    return switch (failure) {
      case StartRefusedException _ -> ExitStatus.REFUSED;
      case StoreRefusedException refused ->
          refused.mayPass() ? ExitStatus.FAILED : ExitStatus.REFUSED;
      default -> ExitStatus.FAILED;
    };
  }

  /** The reason; the JDK's messages of some failures are only a path. */
  static String reason(Throwable failure) {
    return switch (failure) {
      case UncheckedIOException unchecked
          when unchecked.getCause() instanceof FileSystemException file ->
          reason(file);
      case AccessDeniedException denied -> "no permission for " + denied.getMessage();
      case FileSystemException file when file.getReason() == null ->
          file.getClass().getSimpleName().replace("Exception", "") + ": " + file.getMessage();
      default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
    };
  }
}
