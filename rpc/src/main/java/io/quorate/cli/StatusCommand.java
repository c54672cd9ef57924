package io.quorate.cli;

import io.quorate.proto.admin.v1.ClusterStatus;
import io.quorate.rpc.grpc.AdminClient;
import io.quorate.time.BootTime;
import io.quorate.time.SystemTime;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate status [--watch]}. */
@Command(
    name = "status",
    description = "Show every member, the lease and the store; with --watch, live.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

  /** Between two attempts to reach a member that does not answer. */
  private static final Duration RETRY = Duration.ofMillis(300);

  /** The lease runs down on the screen though nothing happens. */
  private static final long REDRAW_MS = 100;

  /** Without --watch: how long to wait for the others once one member has answered. */
  private static final Duration OTHERS = Duration.ofMillis(1_500);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = {"-w", "--watch"},
      description = "Redraw at each change until interrupted.")
  private boolean watch;

  private final BlockingQueue<Sighting> heard = new LinkedBlockingQueue<>();
  private final Map<String, Sighting> sightings = new LinkedHashMap<>();
  private final Map<String, AdminClient> clients = new LinkedHashMap<>();

  @Override
  public Integer call() throws InterruptedException {
    try (SystemTime time = SystemTime.start()) {
      cluster.addresses().forEach(address -> follow(address, time));
      return watch ? watch(time) : once(time);
    } finally {
      clients.values().forEach(AdminClient::close);
    }
  }

  private int once(SystemTime time) throws InterruptedException {
    Duration timeout = cluster.timeout();
    BootTime until = time.now().plus(timeout);
    boolean answered = false;
    while (time.now().isBefore(until) && sightings.size() < clients.size()) {
      hear(time.now().until(until).toMillis() + 1, time);
      if (!answered && sightings.values().stream().anyMatch(Sighting::answers)) {
        answered = true;
        BootTime enough = time.now().plus(OTHERS);
        until = enough.isBefore(until) ? enough : until;
      }
    }
    Map<String, String> failures = new LinkedHashMap<>();
    for (String address : clients.keySet()) {
      Sighting sighting =
          sightings.computeIfAbsent(
              address,
              _ ->
                  new Sighting(
                      address, Optional.empty(), time.now(), Optional.of("no answer in time")));
      sighting.failure().ifPresent(why -> failures.put(address, why));
    }
    if (!answered && sightings.values().stream().noneMatch(Sighting::answers)) {
      throw ClusterOptions.nobody(failures);
    }
    PrintWriter out = spec.commandLine().getOut();
    new StatusView(sightings.values(), time.now()).lines().forEach(out::println);
    out.flush();
    return ExitStatus.DONE;
  }

  private int watch(SystemTime time) throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Screen screen = new Screen(out);
    Runtime.getRuntime().addShutdownHook(new Thread(screen::leave));
    while (!out.checkError()) {
      hear(REDRAW_MS, time);
      screen.draw(new StatusView(sightings.values(), time.now()).lines());
    }
    return 0;
  }

  /** Takes what members said, waiting up to {@code millis} for the first word. */
  private void hear(long millis, SystemTime time) throws InterruptedException {
    for (Sighting sighting = heard.poll(millis, TimeUnit.MILLISECONDS);
        sighting != null;
        sighting = heard.poll()) {
      Sighting before = sightings.get(sighting.address());
      // A member that is gone keeps its name on the screen.
      sightings.put(
          sighting.address(),
          before != null && sighting.status().isEmpty()
              ? new Sighting(sighting.address(), before.status(), before.at(), sighting.failure())
              : sighting);
      sighting
          .status()
          .ifPresent(status ->
              status.getMembersList().stream()
                  .map(member -> member.getGrpcAddress())
                  .filter(address -> !address.isEmpty())
                  .forEach(address -> follow(address, time)));
    }
  }

  private void follow(String address, SystemTime time) {
    if (!clients.containsKey(address)) {
      AdminClient client = cluster.client(address);
      clients.put(address, client);
      listen(client, time);
    }
  }

  private void listen(AdminClient client, SystemTime time) {
    client.watch(
        (ClusterStatus status) ->
            heard.add(
                new Sighting(client.address(), Optional.of(status), time.now(), Optional.empty())),
        reason -> {
          heard.add(
              new Sighting(client.address(), Optional.empty(), time.now(), Optional.of(reason)));
          var _ = time.schedule(RETRY, () -> listen(client, time));
        });
  }
}
