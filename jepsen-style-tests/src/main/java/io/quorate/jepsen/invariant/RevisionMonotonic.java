package io.quorate.jepsen.invariant;

import io.quorate.ha.model.ClusterView;
import java.util.Optional;
import java.util.TreeMap;

/** What a member is shown of the cluster never goes back, nor does its replica of the store. */
public final class RevisionMonotonic implements ClusterInvariant {

  private record Seen(long run, long revision) {}

  private final TreeMap<String, Seen> views = new TreeMap<>();
  private final TreeMap<String, Long> replicas = new TreeMap<>();

  @Override
  public Optional<String> check(ClusterFacts facts) {
    for (HostFacts host : facts.hosts()) {
      if (host.storeRevision().isPresent()) {
        long revision = host.storeRevision().getAsLong();
        Long before = replicas.put(host.name(), revision);
        if (before != null && revision < before) {
          return Optional.of(
              "the replica of " + host.name() + " went from " + before + " to " + revision);
        }
      }
      Optional<ClusterView> view = host.snapshot().flatMap(snapshot -> snapshot.cluster());
      if (view.isPresent()) {
        Seen now = new Seen(host.agentRun(), view.get().revision());
        Seen before = views.put(host.name(), now);
        if (before != null && before.run == now.run && now.revision < before.revision) {
          return Optional.of(
              "the view of "
                  + host.name()
                  + " went from "
                  + before.revision
                  + " to "
                  + now.revision);
        }
      }
    }
    return Optional.empty();
  }
}
