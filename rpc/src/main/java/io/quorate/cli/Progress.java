package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.proto.admin.v1.WatchOperationRequest;
import io.quorate.rpc.grpc.AdminClient;
import io.quorate.time.SystemTime;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;

/** Follows a wish to its end, whichever members live meanwhile, and says how far it is. */
final class Progress {

  /** Between two attempts to follow it at one member. */
  private static final Duration RETRY = Duration.ofMillis(500);

  /** How long nobody may answer. */
  private static final int SILENCES_MAX = 60;

  private final ClusterOptions cluster;
  private final PrintWriter out;
  private final PrintWriter err;

  /** Progress goes to the command's output, what failed to its error output. */
  Progress(ClusterOptions cluster, CommandLine command) {
    this.cluster = cluster;
    this.out = command.getOut();
    this.err = command.getErr();
  }

  private sealed interface Heard {
    record State(Operation operation) implements Heard {}

    record Silence(String address, String why) implements Heard {}
  }

  /**
   * Waits until {@code asked} is finished; each change is one line.
   *
   * @return as it was finished
   * @throws CliException when no member can tell any more
   */
  Operation follow(Operation asked) throws InterruptedException {
    if (isFinished(asked)) {
      return asked;
    }
    BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    List<AdminClient> clients = cluster.addresses().stream().map(cluster::client).toList();
    try (SystemTime time = SystemTime.start()) {
      clients.forEach(client -> listen(client, asked, heard));
      String shown = "";
      long newest = 0;
      int silences = 0;
      AbsentMember absent = new AbsentMember(asked, time.now());
      while (true) {
        Heard next = heard.poll(RETRY.toMillis(), TimeUnit.MILLISECONDS);
        switch (next) {
          case null -> {
            if (absent.isDue(time.now())) {
              seen().ifPresent(status -> absent.saw(status, time.now()));
            }
          }
          case Heard.State(Operation operation) -> {
            silences = 0;
            boolean older = operation.getRevision() < newest;
            newest = Math.max(newest, operation.getRevision());
            String line = line(operation);
            if (!older && !line.equals(shown) && !isFinished(operation)) {
              out.println(Times.shown(time.wall().instant()) + " " + line);
              out.flush();
              shown = line;
            }
            if (isFinished(operation)) {
              return operation;
            }
          }
          case Heard.Silence(String address, String why) -> {
            if (++silences > SILENCES_MAX * clients.size()) {
              throw new CliException(
                  "it is not known what became of it: "
                      + address
                      + ": "
                      + why
                      + "; 'quorate list' shows what is still under way");
            }
            clients.stream()
                .filter(client -> client.address().equals(address))
                .forEach(client -> {
                  var _ = time.schedule(RETRY, () -> listen(client, asked, heard));
                });
          }
        }
      }
    } finally {
      clients.forEach(AdminClient::close);
    }
  }

  /** Who does not answer is told otherwise. */
  private Optional<ClusterStatus> seen() {
    try {
      return Optional.of(cluster.status());
    } catch (CliException _) {
      return Optional.empty();
    }
  }

  private static void listen(AdminClient client, Operation asked, BlockingQueue<Heard> heard) {
    client.watchOperation(
        WatchOperationRequest.newBuilder()
            .setSlot(asked.getSlot())
            .setId(asked.getId())
            .setRevision(asked.getRevision())
            .build(),
        operation -> heard.add(new Heard.State(operation)),
        why -> heard.add(new Heard.Silence(client.address(), why)));
  }

  static boolean isFinished(Operation operation) {
    return switch (operation.getState()) {
      case DONE, FAILED, CANCELLED -> true;
      case PENDING,
          PREPARING,
          STOPPING,
          STOPPED,
          HANDING_OVER,
          RUNNING,
          STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }

  private static String line(Operation operation) {
    String state = operation.getState().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return state
        + ": "
        + operation.getReason()
        + (operation.hasCopy() ? ", " + copy(operation.getCopy()) : "");
  }

  /** How far a copy is, such as {@code 12 of 40 MB (30 %), 8.1 MB/s, 3 s left}. */
  static String copy(Operation.Copy copy) {
    double megabyte = 1 << 20;
    String text =
        String.format(
            Locale.ROOT, "%.0f of %.0f MB", copy.getDone() / megabyte, copy.getTotal() / megabyte);
    if (copy.getTotal() > 0) {
      text += " (" + Math.min(100, copy.getDone() * 100 / copy.getTotal()) + " %)";
    }
    if (copy.getBytesPerSecond() > 0) {
      text += String.format(Locale.ROOT, ", %.1f MB/s", copy.getBytesPerSecond() / megabyte);
    }
    return copy.hasSecondsLeft() ? text + ", " + copy.getSecondsLeft() + " s left" : text;
  }

  /** Says how it ended; whether it was done. */
  boolean end(Operation operation, String done) {
    try (SystemTime time = SystemTime.start()) {
      boolean success = operation.getState() == Operation.State.DONE;
      PrintWriter to = success ? out : err;
      out.flush();
      to.println(
          Times.shown(time.wall().instant())
              + " "
              + (success
                  ? done
                  : operation.getKind()
                      + (operation.getState() == Operation.State.CANCELLED
                          ? " cancelled: "
                          : " failed: ")
                      + operation.getReason()));
      to.flush();
      return success;
    }
  }
}
