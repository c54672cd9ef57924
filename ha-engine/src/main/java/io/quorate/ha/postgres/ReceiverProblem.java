package io.quorate.ha.postgres;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a standby does not receive: its WAL receiver says so in the server's log alone, once for each
 * attempt, and PostgreSQL shows it nowhere else.
 */
final class ReceiverProblem {

  private static final Pattern FATAL =
      Pattern.compile(
          "FATAL:\\s+((?:could not connect to the primary server|could not receive data from WAL"
              + " stream|could not start WAL streaming|could not receive timeline history"
              + "|database system identifier differs|streaming replication receiver).*)");

  /** What the primary says, and what is to be done about it. */
  private record Remedy(String text, String remedy) {}

  private static final List<Remedy> REMEDIES =
      List.of(
          new Remedy(
              "password authentication failed",
              "postgresql.authentication.replication of this member does not fit the primary's role:"
                  + " "),
          new Remedy(
              "no pg_hba.conf entry",
              "the primary does not let this member in, check postgresql.pg_hba there: "),
          new Remedy(
              "has already been removed",
              "the primary has removed WAL that this member needs: clone it anew (quorate reinit): "),
          new Remedy("does not exist", "the primary has no slot for this member yet: "));

  private ReceiverProblem() {}

  /** The last thing that the log of {@code instance} says of it. */
  static Optional<String> read(Instance instance) {
    return of(LogTail.end(instance.log(), instance.dataDir()));
  }

  static Optional<String> of(String log) {
    Matcher matcher = FATAL.matcher(log);
    String last = "";
    while (matcher.find()) {
      last = matcher.group(1).strip();
    }
    String problem = last;
    return problem.isEmpty()
        ? Optional.empty()
        : Optional.of(
            REMEDIES.stream()
                    .filter(remedy -> problem.contains(remedy.text()))
                    .map(Remedy::remedy)
                    .findFirst()
                    .orElse("")
                + problem);
  }
}
