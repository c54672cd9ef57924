package io.quorate.cli;

import io.quorate.ha.model.Secret;
import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.proto.admin.v1.Operation;
import io.quorate.rpc.access.Login;
import io.quorate.rpc.grpc.AdminClient;
import io.quorate.rpc.tls.ClientTls;
import io.quorate.rpc.tls.TlsException;
import io.quorate.rpc.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster a command is about, and asking it. */
final class ClusterOptions {

  private static final Path DEFAULT_FILE = Path.of("/etc/quorate/quorate.yml");

  private static final int TIMEOUT_MAX_SECONDS = 3_600;
  private static final double LOOK_SECONDS = 5;
  private static final double CHANGE_SECONDS = 10;

  private static final Pattern HOST_PORT =
      Pattern.compile("([^\\[\\]:/\\s]+|\\[[0-9a-fA-F:.%]+\\]):(?<port>[0-9]{1,5})");
  private static final int PORT_MAX = 65_535;

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
      description = "How long members have to answer; default 5, and 10 for a change.")
  private Optional<Double> timeoutSeconds = Optional.empty();

  @Option(
      names = "--username",
      paramLabel = "NAME",
      description = "As whom to ask for changes; default: what the file says under ctl or restapi.")
  private Optional<String> username = Optional.empty();

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "File with the password of --username, in its first line.")
  private Optional<Path> passwordFile = Optional.empty();

  @Option(
      names = "--cacert",
      paramLabel = "FILE",
      description = "The authority that members' certificates are signed by.")
  private Optional<Path> authority = Optional.empty();

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description = "The certificate to show to members; default: what the file says.")
  private Optional<Path> certificate = Optional.empty();

  @Option(names = "--key", paramLabel = "FILE", description = "Its private key.")
  private Optional<Path> key = Optional.empty();

  @Option(
      names = {"-k", "--insecure"},
      description = "Trust members whatever their certificates say.")
  private boolean insecure;

  private AdminClient.@Nullable Access access;

  private NodeVerbs.@Nullable Contact contact;

  ClusterOptions() {}

  /**
   * How long members have to answer.
   *
   * @throws CliException if the option is out of range
   */
  Duration timeout() {
    return timeout(LOOK_SECONDS);
  }

  /**
   * How long a member has to answer that is asked for a change: longer than it takes the member to
   * find that the store has no majority, so that it is heard.
   */
  Duration timeoutOfChange() {
    return timeout(CHANGE_SECONDS);
  }

  private Duration timeout(double standard) {
    double seconds = timeoutSeconds.orElse(standard);
    if (!(seconds > 0 && seconds <= TIMEOUT_MAX_SECONDS)) {
      throw new CliException.WrongUse(
          "--timeout must be more than 0 and at most "
              + TIMEOUT_MAX_SECONDS
              + " seconds, is "
              + seconds);
    }
    return Duration.ofMillis(Math.max(1, Math.round(seconds * 1000)));
  }

  /** The gRPC ports to ask, without repetition. */
  List<String> addresses() {
    addresses.forEach(ClusterOptions::check);
    Set<String> all = new LinkedHashSet<>(addresses);
    if (file.isPresent()) {
      all.addAll(contact(file.get()).addresses());
    } else if (all.isEmpty()) {
      if (!Files.isReadable(DEFAULT_FILE)) {
        throw new CliException.WrongUse(
            "which cluster? Name a member's file with -c FILE, or a gRPC port with --grpc-address"
                + " HOST:PORT (there is no readable "
                + DEFAULT_FILE
                + ")");
      }
      all.addAll(contact(DEFAULT_FILE).addresses());
    }
    return List.copyOf(all);
  }

  /** One file for the whole command. */
  private NodeVerbs.Contact contact(Path from) {
    NodeVerbs.Contact known = contact;
    if (known == null) {
      known = Main.node().contact(from);
      contact = known;
    }
    return known;
  }

  private static void check(String address) {
    Matcher parts = HOST_PORT.matcher(address);
    if (!parts.matches() || Integer.parseInt(parts.group("port")) > PORT_MAX) {
      throw new CliException.WrongUse(
          "--grpc-address must be HOST:PORT, such as db1:7081 or [::1]:7081, is '" + address + "'");
    }
  }

  /**
   * What to show for changes, as an {@code Authorization} header.
   *
   * @throws CliException if the options do not fit
   */
  Optional<String> authorization() {
    if (username.isPresent() != passwordFile.isPresent()) {
      throw new CliException.WrongUse("--username and --password-file belong together");
    }
    if (username.isEmpty()) {
      Optional<Path> known =
          file.or(() -> addresses.isEmpty() ? Optional.of(DEFAULT_FILE) : Optional.empty());
      return known.flatMap(path -> contact(path).authorization());
    }
    return Optional.of(new Login(username.get(), password(passwordFile.get())).authorization());
  }

  private static Secret password(Path file) {
    try {
      String line = Files.readString(file).lines().findFirst().orElse("");
      if (line.isEmpty()) {
        throw new CliException(file + ": must have the password in its first line, which is empty");
      }
      return new Secret(line);
    } catch (IOException e) {
      throw new CliException(Failures.file(file, e));
    }
  }

  /** A client of {@code address}, as whom the options and the file say; the caller closes it. */
  AdminClient client(String address) {
    return new AdminClient(address, access());
  }

  /** The same for all members, and read once. */
  private AdminClient.Access access() {
    if (access == null) {
      try {
        access = AdminClient.Access.of(authorization(), tls(), InstantSource.system());
      } catch (TlsException e) {
        throw new CliException(String.valueOf(e.getMessage()));
      }
    }
    return access;
  }

  private ClientTls tls() {
    if (certificate.isPresent() != key.isPresent()) {
      throw new CliException.WrongUse("--cert and --key belong together");
    }
    if (certificate.isPresent()) {
      return new ClientTls(
          Optional.of(
              new TlsFiles(certificate.get(), key.get(), authority, TlsFiles.Setting.OPTIONS)),
          insecure);
    }
    if (authority.isPresent()) {
      throw new CliException.WrongUse(
          "--cacert needs --cert and --key: members ask for a certificate");
    }
    Optional<Path> known =
        file.or(() -> addresses.isEmpty() ? Optional.of(DEFAULT_FILE) : Optional.empty());
    ClientTls configured = known.map(path -> contact(path).tls()).orElse(ClientTls.OFF);
    return new ClientTls(configured.files(), configured.insecure() || insecure);
  }

  /** Clients of all addresses; the caller closes them. */
  private List<AdminClient> clients() {
    return addresses().stream().map(this::client).toList();
  }

  /** What one member answered, or why it did not. */
  private record Reply(AdminClient client, Optional<ClusterStatus> status, String failure) {}

  /**
   * The status from the first member that has it from the store, with all that was changed before,
   * else the least outdated one. All are asked at once.
   *
   * @throws CliException naming each member's reason when none answers
   */
  ClusterStatus status() {
    List<AdminClient> clients = clients();
    try {
      return best(clients, AdminClient::currentStatus).status().orElseThrow();
    } finally {
      clients.forEach(AdminClient::close);
    }
  }

  /** The status after {@code ended}, which a member that is a moment behind still shows as open. */
  ClusterStatus statusAfter(Operation ended) {
    ClusterStatus status = status();
    return status.toBuilder()
        .clearOperations()
        .addAllOperations(
            status.getOperationsList().stream()
                .filter(
                    o -> !o.getSlot().equals(ended.getSlot()) || !o.getId().equals(ended.getId()))
                .toList())
        .build();
  }

  /**
   * Asks the member that knows most, and another one where that one certainly did not do it.
   *
   * @throws CliException saying why nobody did it
   */
  <T> T ask(Function<AdminClient, CompletionStage<T>> call) {
    List<AdminClient> clients = clients();
    try {
      List<AdminClient> order = new ArrayList<>(clients);
      if (clients.size() > 1) {
        AdminClient first = best(clients, AdminClient::status).client();
        order.remove(first);
        order.addFirst(first);
      }
      Map<String, String> failures = new LinkedHashMap<>();
      for (AdminClient client : order) {
        try {
          return call.apply(client).toCompletableFuture().join();
        } catch (CompletionException e) {
          if (e.getCause() instanceof AdminClient.Refused refused && refused.reached()) {
            throw new CliException(
                refused.lines().isEmpty()
                    ? Failures.refused(refused)
                    : String.join("\nerror: ", refused.lines()));
          }
          failures.put(client.address(), Failures.text(e));
        }
      }
      throw nobody(failures);
    } finally {
      clients.forEach(AdminClient::close);
    }
  }

  /** The address of the member {@code name} in the status of whoever answers. */
  String addressOf(String name) {
    return status().getMembersList().stream()
        .filter(member -> member.getName().equals(name))
        .map(member -> member.getGrpcAddress())
        .findFirst()
        .orElseGet(() -> addresses().getFirst());
  }

  private Reply best(
      List<AdminClient> clients,
      BiFunction<AdminClient, Duration, CompletionStage<ClusterStatus>> question) {
    Duration timeout = timeout();
    BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
    for (AdminClient client : clients) {
      var _ =
          question
              .apply(client, timeout)
              .whenComplete((status, failure) ->
                  replies.add(
                      failure == null
                          ? new Reply(client, Optional.of(status), "")
                          : new Reply(client, Optional.empty(), Failures.text(failure))));
    }
    Optional<Reply> best = Optional.empty();
    Map<String, String> failures = new LinkedHashMap<>();
    clients.forEach(
        client -> failures.put(client.address(), "no answer within " + timeout.toMillis() + " ms"));
    for (int i = 0; i < clients.size(); i++) {
      Optional<Reply> taken = take(replies, timeout.plus(LATE));
      if (taken.isEmpty()) {
        break;
      }
      Reply reply = taken.get();
      if (reply.status().isEmpty()) {
        failures.put(reply.client().address(), reply.failure());
        continue;
      }
      ClusterStatus status = reply.status().get();
      if (age(status) <= status.getSettings().getTtlMs()) {
        return reply;
      }
      if (best.isEmpty() || age(status) < age(best.get().status().orElse(status))) {
        best = Optional.of(reply);
      }
    }
    return best.orElseThrow(() -> nobody(failures));
  }

  private static long age(ClusterStatus status) {
    return status.hasViewAgeMs() ? status.getViewAgeMs() : Long.MAX_VALUE;
  }

  /** That none of the addresses tried answers, and why each does not. */
  static CliException nobody(Map<String, String> failures) {
    boolean storeless = failures.values().stream().anyMatch(Failures::tellsOfNoLeader);
    failures.replaceAll((_, failure) -> Failures.explained(failure));
    return new CliException.Unreachable(
        (storeless
                ? "the store has no leader: a majority of its voters is needed, 'quorate member"
                    + " list' shows who can be reached:\n  "
                : "no member answers:\n  ")
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
