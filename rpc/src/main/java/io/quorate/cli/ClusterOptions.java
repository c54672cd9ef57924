package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.rpc.grpc.AdminClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Which cluster a command is about, and asking it. */
final class ClusterOptions {

  private static final Path DEFAULT_FILE = Path.of("/etc/quorate/quorate.yml");

  private static final int TIMEOUT_MAX_SECONDS = 3_600;

  /** Beyond their own deadline calls get this long to say so. */
  private static final Duration LATE = Duration.ofSeconds(1);

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

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long members have to answer; default 5.")
  private double timeoutSeconds = 5;

  ClusterOptions() {}

  /**
   * How long members have to answer.
   *
   * @throws CliException if the option is out of range
   */
  Duration timeout() {
    if (!(timeoutSeconds > 0 && timeoutSeconds <= TIMEOUT_MAX_SECONDS)) {
      throw new CliException(
          "--timeout must be more than 0 and at most "
              + TIMEOUT_MAX_SECONDS
              + " seconds, is "
              + timeoutSeconds);
    }
    return Duration.ofMillis(Math.max(1, Math.round(timeoutSeconds * 1000)));
  }

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
   * The status from the first member whose view is current, else the least outdated one. All are
   * asked at once.
   *
   * @throws CliException naming each member's reason when none answers
   */
  ClusterStatus status() {
    Duration timeout = timeout();
    List<AdminClient> clients = addresses().stream().map(AdminClient::new).toList();
    BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
    try {
      for (AdminClient client : clients) {
        var _ =
            client
                .status(timeout)
                .whenComplete((status, failure) ->
                    replies.add(
                        failure == null
                            ? new Reply(client.address(), Optional.of(status), "")
                            : new Reply(
                                client.address(), Optional.empty(), Failures.text(failure))));
      }
      return best(replies, clients, timeout);
    } finally {
      clients.forEach(AdminClient::close);
    }
  }

  private static ClusterStatus best(
      BlockingQueue<Reply> replies, List<AdminClient> asked, Duration timeout) {
    Optional<ClusterStatus> best = Optional.empty();
    Map<String, String> failures = new LinkedHashMap<>();
    asked.forEach(
        client -> failures.put(client.address(), "no answer within " + timeout.toMillis() + " ms"));
    for (int i = 0; i < asked.size(); i++) {
      Optional<Reply> taken = take(replies, timeout.plus(LATE));
      if (taken.isEmpty()) {
        break;
      }
      Reply reply = taken.get();
      if (reply.status().isEmpty()) {
        failures.put(reply.address(), reply.failure());
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
    return best.orElseThrow(() -> nobody(failures));
  }

  private static long age(ClusterStatus status) {
    return status.hasViewAgeMs() ? status.getViewAgeMs() : Long.MAX_VALUE;
  }

  /** That none of the addresses tried answers, and why each does not. */
  static CliException nobody(Map<String, String> failures) {
    return new CliException(
        "no member answers:\n  "
            + failures.entrySet().stream()
                .map(failure -> failure.getKey() + ": " + failure.getValue())
                .collect(Collectors.joining("\n  ")));
  }

  private static Optional<Reply> take(BlockingQueue<Reply> replies, Duration bound) {
    try {
      return Optional.ofNullable(replies.poll(bound.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException("interrupted");
    }
  }
}
