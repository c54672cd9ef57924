package io.quorate.jepsen.sim;

import java.util.List;
import java.util.Optional;

/** What a {@link Plot} acts on: the hosts, and what happens on them. */
final class Stage {

  private final SimCluster cluster;

  Stage(SimCluster cluster) {
    this.cluster = cluster;
  }

  SimCluster cluster() {
    return cluster;
  }

  /** Whoever can be written to; the first of them. */
  Optional<SimHost> primary() {
    return hosts().stream().filter(SimHost::writable).findFirst();
  }

  List<SimHost> hosts() {
    return List.copyOf(cluster.byName().values());
  }

  /** Acts after a while. */
  void after(long millis, Runnable act) {
    cluster.kernel().schedule(cluster.world(), millis * 1_000_000, act);
  }

  /** Acts once, on the first host of which the trace says something that contains {@code text}. */
  void when(String text, java.util.function.Consumer<SimHost> act) {
    boolean[] done = new boolean[1];
    cluster
        .kernel()
        .onNote((who, what) -> {
          SimHost host = cluster.byName().get(who);
          if (!done[0] && host != null && what.contains(text)) {
            done[0] = true;
            cluster.kernel().schedule(cluster.world(), 1000, () -> act.accept(host));
          }
        });
  }

  /** Nothing gets to or from {@code host}. */
  void isolate(SimHost host) {
    hosts().stream()
        .filter(other -> other != host)
        .forEach(other -> {
          cluster.network().block(host.name, other.name);
          cluster.network().block(other.name, host.name);
        });
  }

  /** The agent and PostgreSQL end, and the guardian with them; the machine goes on. */
  void end(SimHost host) {
    host.crashWhole();
  }

  /** It is switched on again. */
  void boot(SimHost host) {
    host.boot();
    cluster.startAgent(host);
  }
}
