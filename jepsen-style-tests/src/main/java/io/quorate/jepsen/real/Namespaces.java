package io.quorate.jepsen.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A network namespace for each host, with two cards: one to the other hosts, one to clients. The
 * first is pulled out of its switch to cut a host off: nothing is refused, all is lost. Needs root
 * and {@code ip}; closing removes all that was made.
 */
public final class Namespaces implements HostNetwork {

  private static final int NETS = 200;

  private final String id;
  private final int net;
  private final Deque<List<String>> undo = new ArrayDeque<>();

  private Namespaces(String id, int net) {
    this.id = id;
    this.net = net;
  }

  /** Why namespaces cannot be made here; empty if they can. */
  public static Optional<String> obstacle() {
    if (!Unprivileged.needed()) {
      return Optional.of("network namespaces need root: run the tests as root to have this one");
    }
    String probe = "quorate-probe-" + ProcessHandle.current().pid();
    try {
      run(List.of("ip", "netns", "add", probe));
      run(List.of("ip", "netns", "delete", probe));
      return Optional.empty();
    } catch (UncheckedIOException | IllegalStateException e) {
      return Optional.of("no network namespace can be made here: " + e.getMessage());
    }
  }

  /** Makes networks for {@code hosts} hosts. */
  public static Namespaces make(int hosts) {
    int pid = (int) ProcessHandle.current().pid();
    String taken = output(List.of("ip", "-4", "-o", "address"));
    int net = pid % NETS;
    while (taken.contains("10.213." + net + ".")) {
      net = (net + 1) % NETS;
    }
    // Names of interfaces have 15 characters at most.
    Namespaces made = new Namespaces(Integer.toString(pid % 1_000_000, 36), net);
    try {
      made.bridge(made.switchOf('p'));
      made.bridge(made.switchOf('c'));
      made.ip("address add 10.213.%d.126/25 dev %s".formatted(net, made.switchOf('c')));
      for (int i = 1; i <= hosts; i++) {
        made.host(i);
      }
      return made;
    } catch (IllegalStateException | UncheckedIOException e) {
      made.close();
      throw e;
    }
  }

  private String switchOf(char kind) {
    return "q" + kind + id;
  }

  private String port(char kind, int index) {
    return "q" + kind + id + "-" + index;
  }

  private String namespace(int index) {
    return "quorate-" + id + "-" + index;
  }

  private void bridge(String name) {
    ip("link add " + name + " type bridge");
    undo.push(words("link delete " + name));
    ip("link set " + name + " up");
  }

  private void host(int index) {
    String name = namespace(index);
    ip("netns add " + name);
    undo.push(words("netns delete " + name));
    ip("-n " + name + " link set lo up");
    card('p', index, peerAddress(index), "eth0");
    card('c', index, clientAddress(index), "eth1");
  }

  private void card(char kind, int index, String address, String inside) {
    String port = port(kind, index);
    ip("link add %s type veth peer name %s netns %s".formatted(port, inside, namespace(index)));
    // A namespace and its cards live as long as a process is in it.
    undo.push(words("link delete " + port));
    ip("link set %s master %s up".formatted(port, switchOf(kind)));
    ip("-n %s address add %s/25 dev %s".formatted(namespace(index), address, inside));
    ip("-n %s link set %s up".formatted(namespace(index), inside));
  }

  @Override
  public String peerAddress(int index) {
    return "10.213." + net + "." + (128 + index);
  }

  @Override
  public String clientAddress(int index) {
    return "10.213." + net + "." + index;
  }

  @Override
  public List<String> on(int index, List<String> command) {
    List<String> all =
        new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace(index), "--"));
    all.addAll(command);
    return all;
  }

  @Override
  public void cut(int index) {
    ip("link set " + port('p', index) + " nomaster");
  }

  @Override
  public void heal(int index) {
    ip("link set " + port('p', index) + " master " + switchOf('p'));
  }

  private void ip(String arguments) {
    run(words(arguments));
  }

  private static List<String> words(String arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments.split(" ", -1)));
    return command;
  }

  private static void run(List<String> command) {
    String said = output(command);
    if (!said.isBlank()) {
      throw new IllegalStateException(String.join(" ", command) + ": " + said.strip());
    }
  }

  private static String output(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      return status == 0 || !said.isBlank() ? said : "ended with status " + status;
    } catch (IOException e) {
      throw new UncheckedIOException("'ip' is needed: install the package iproute2", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    // As much as can be removed is: one failure must not leave the rest behind.
    while (!undo.isEmpty()) {
      String said = output(undo.pop());
      if (!said.isBlank()) {
        System.err.println(said.strip());
      }
    }
  }
}
