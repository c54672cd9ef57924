package io.quorate.jepsen.invariant;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * At most one PostgreSQL is writable, and only under a valid hold. A writable one whose hold has
 * ended lives no longer than fencing takes; beside another it lives only right after its whole
 * machine stood still. In pause nothing is ended, and none of this is promised; once a member hears
 * that the pause is over it has the time that fencing takes, and a new run of an agent that of
 * asking for the hold of the former.
 */
public final class AtMostOneWritablePrimary implements ClusterInvariant {

  /** A new run of the agent asks for so long whether the hold of the former stands. */
  private static final long ASKING = Duration.ofSeconds(1).toNanos();

  private final long fencing;
  private final TreeMap<String, Long> unheldSince = new TreeMap<>();
  private final TreeMap<String, Long> lastPaused = new TreeMap<>();
  private final TreeMap<String, Long> agentRun = new TreeMap<>();
  private final TreeMap<String, Long> agentSince = new TreeMap<>();

  /** With {@code fencing} as the time that ending a PostgreSQL may take, its detection included. */
  public AtMostOneWritablePrimary(Duration fencing) {
    this.fencing = fencing.toNanos();
  }

  @Override
  public Optional<String> check(ClusterFacts facts) {
    List<? extends HostFacts> writable =
        facts.hosts().stream().filter(HostFacts::writable).filter(host -> !host.paused()).toList();
    for (HostFacts host : facts.hosts()) {
      if (!Objects.equals(agentRun.put(host.name(), host.agentRun()), host.agentRun())) {
        agentSince.put(host.name(), facts.nowNanos());
      }
      if (host.paused()) {
        lastPaused.put(host.name(), facts.nowNanos());
      }
      if (!host.writable() || host.paused() || host.holds().isPresent()) {
        unheldSince.remove(host.name());
      } else {
        unheldSince.putIfAbsent(host.name(), facts.nowNanos());
      }
    }
    for (var unheld : unheldSince.entrySet()) {
      long asking = agentSince.getOrDefault(unheld.getKey(), Long.MIN_VALUE / 2) + ASKING;
      if (facts.nowNanos() - Math.max(unheld.getValue(), asking) > fencing) {
        return Optional.of(
            unheld.getKey()
                + " has been writable without a hold for "
                + (facts.nowNanos() - unheld.getValue()) / 1_000_000
                + " ms");
      }
    }
    List<String> held =
        writable.stream().filter(h -> h.holds().isPresent()).map(HostFacts::name).toList();
    if (held.size() > 1) {
      return Optional.of("writable at once, each under a hold it believes in: " + held);
    }
    List<String> awake =
        writable.stream()
            .filter(h -> h.runningForNanos() > fencing)
            .filter(h ->
                facts.nowNanos() - lastPaused.getOrDefault(h.name(), Long.MIN_VALUE / 2) > fencing)
            .map(HostFacts::name)
            .toList();
    return awake.size() > 1
        ? Optional.of("writable at once, and none has just stood still, or in pause: " + awake)
        : Optional.empty();
  }
}
