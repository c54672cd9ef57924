package io.quorate.jepsen.sim.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Links between hosts, each direction by itself. What is sent over a blocked link is lost, or
 * arrives after the link is healed, as a connection that outlives a partition does.
 */
public final class SimNetwork {

  private static final int ONE_IN_HELD = 3;

  /** How fast, and how unreliable, it is. */
  public record Quality(int leastMicros, int mostMicros, int oneInSlow, int slowMillis) {
    /** One site. */
    public static final Quality LAN = new Quality(100, 1200, 400, 250);
  }

  private record Link(String from, String to) implements Comparable<Link> {
    @Override
    public int compareTo(Link other) {
      int byFrom = from.compareTo(other.from);
      return byFrom != 0 ? byFrom : to.compareTo(other.to);
    }
  }

  private record Message(Link link, SimProcess target, long incarnation, Runnable delivery) {}

  private final SimKernel kernel;
  private final Quality quality;
  private final TreeSet<Link> blocked = new TreeSet<>();
  private final List<Message> held = new ArrayList<>();

  /** A network on which nothing is blocked. */
  public SimNetwork(SimKernel kernel, Quality quality) {
    this.kernel = kernel;
    this.quality = quality;
  }

  /** Nothing gets from one to the other any more. */
  public void block(String from, String to) {
    blocked.add(new Link(from, to));
  }

  /** Everything gets through again; what was held arrives now. */
  public void heal() {
    blocked.clear();
    List<Message> late = List.copyOf(held);
    held.clear();
    late.forEach(this::carry);
  }

  /** Whether what is sent now would arrive. */
  public boolean open(String from, String to) {
    return from.equals(to) || !blocked.contains(new Link(from, to));
  }

  /** Whether both can talk to each other. */
  public boolean connected(String one, String other) {
    return open(one, other) && open(other, one);
  }

  /** Sends to {@code target} as it runs now; a message to a process that ends is lost. */
  public void send(String from, String to, SimProcess target, Runnable delivery) {
    if (target.alive()) {
      carry(new Message(new Link(from, to), target, target.incarnation(), delivery));
    }
  }

  private void carry(Message message) {
    if (!pass(message) || message.target.incarnation() != message.incarnation) {
      return;
    }
    kernel.schedule(
        message.target,
        delay(),
        () -> {
          if (pass(message)) {
            message.delivery.run();
          }
        });
  }

  private boolean pass(Message message) {
    if (open(message.link.from, message.link.to)) {
      return true;
    }
    if (kernel.oneIn(ONE_IN_HELD)) {
      held.add(message);
    }
    return false;
  }

  private long delay() {
    return kernel.oneIn(quality.oneInSlow)
        ? kernel.millis(1, quality.slowMillis)
        : kernel.micros(quality.leastMicros, quality.mostMicros);
  }

  /** One side of a call. */
  public record Endpoint(String host, SimProcess process) {}

  /**
   * Asks {@code server} and tells {@code then} what it answered; nothing if no answer came within
   * {@code timeout} nanoseconds. The request may arrive, and take effect, all the same.
   *
   * @param handler runs at the server, which answers through what it is given
   */
  public <T> void call(
      Endpoint client,
      Endpoint server,
      long timeout,
      Consumer<Consumer<T>> handler,
      Consumer<Optional<T>> then) {
    boolean[] over = new boolean[1];
    Consumer<Optional<T>> once =
        answer -> {
          if (!over[0]) {
            over[0] = true;
            then.accept(answer);
          }
        };
    kernel.schedule(client.process, timeout, () -> once.accept(Optional.empty()));
    long caller = client.process.incarnation();
    send(
        client.host,
        server.host,
        server.process,
        () ->
            handler.accept(answer -> {
              if (client.process.incarnation() == caller) {
                send(
                    server.host,
                    client.host,
                    client.process,
                    () -> once.accept(Optional.of(answer)));
              }
            }));
  }
}
