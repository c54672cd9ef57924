package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.rpc.grpc.AdminClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/** Which cluster a command is about, and asking it. */
final class ClusterOptions {

  private static final Path DEFAULT_FILE = Path.of("/etc/quorate/quorate.yml");

  /** How long members have to answer. */
  static final Duration TIMEOUT = Duration.ofSeconds(2);

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "A member's file, for the addresses; default /etc/quorate/quorate.yml.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--grpc-address",
      paramLabel = "HOST:PORT",
      description = "A member's gRPC port to ask, instead of a file; may be given several times.")
  private List<String> addresses = new ArrayList<>();

  ClusterOptions() {}

  /** The gRPC ports to ask, without repetition. */
  List<String> addresses() {
    Set<String> all = new LinkedHashSet<>(addresses);
    if (file.isPresent()) {
      all.addAll(Main.node().grpcAddresses(file.get()));
    } else if (all.isEmpty()) {
      if (!Files.isReadable(DEFAULT_FILE)) {
        throw new CliException(
            "which cluster? Name a member's file with -c FILE, or a gRPC port with --grpc-address"
                + " HOST:PORT (there is no readable "
                + DEFAULT_FILE
                + ")");
      }
      all.addAll(Main.node().grpcAddresses(DEFAULT_FILE));
    }
    return List.copyOf(all);
  }

  /** What one member answered, or why it did not. */
  private record Reply(String address, Optional<ClusterStatus> status, String failure) {}

  /**
   * The status from the first member whose view is current, else the least outdated one.
   *
   * @throws CliException naming each member's reason when none answers
   */
  ClusterStatus status() {
    List<AdminClient> clients = addresses().stream().map(AdminClient::new).toList();
    BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
    try {
      for (AdminClient client : clients) {
        var _ =
            client
                .status(TIMEOUT)
                .whenComplete((status, failure) ->
                    replies.add(
                        failure == null
                            ? new Reply(client.address(), Optional.of(status), "")
                            : new Reply(
                                client.address(), Optional.empty(), Failures.text(failure))));
      }
      return best(replies, clients.size());
    } finally {
      clients.forEach(AdminClient::close);
    }
  }

  private static ClusterStatus best(BlockingQueue<Reply> replies, int expected) {
    Optional<ClusterStatus> best = Optional.empty();
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < expected; i++) {
      Reply reply = take(replies);
      if (reply.status().isEmpty()) {
        failures.add(reply.address() + ": " + reply.failure());
        continue;
      }
      ClusterStatus status = reply.status().get();
      if (age(status) <= status.getSettings().getTtlMs()) {
        return status;
      }
      if (best.isEmpty() || age(status) < age(best.get())) {
        best = Optional.of(status);
      }
    }
    return best.orElseThrow(
        () -> new CliException("no member answers:\n  " + String.join("\n  ", failures)));
  }

  private static long age(ClusterStatus status) {
    return status.hasViewAgeMs() ? status.getViewAgeMs() : Long.MAX_VALUE;
  }

  private static Reply take(BlockingQueue<Reply> replies) {
    try {
      // Every call has a deadline; twice that only guards against a client that forgets to answer.
      Reply reply = replies.poll(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      return reply == null ? new Reply("?", Optional.empty(), "no answer") : reply;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException("interrupted");
    }
  }
}
