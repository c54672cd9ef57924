package io.quorate.jepsen.invariant;

import io.quorate.ha.model.FailoverReport;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.NodeSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Once everything is healed there is one primary, every other member with a PostgreSQL streams from
 * it, each failover's loss is known and no wish is left undone.
 */
public final class EventuallyOnePrimary implements ClusterInvariant {

  /** Why the cluster is not settled; empty when it is. */
  public static Optional<String> obstacle(ClusterFacts facts) {
    List<? extends HostFacts> primaries =
        facts.hosts().stream()
            .filter(host -> host.snapshot().filter(NodeSnapshot::writable).isPresent())
            .filter(HostFacts::writable)
            .toList();
    if (primaries.size() != 1) {
      return Optional.of("primaries: " + primaries.stream().map(HostFacts::name).toList());
    }
    HostFacts primary = primaries.getFirst();
    List<String> apart =
        facts.hosts().stream()
            .filter(host -> host.hasPostgres() && !host.name().equals(primary.name()))
            .filter(host -> host.streamsFrom().filter(primary.name()::equals).isEmpty())
            .map(HostFacts::name)
            .toList();
    if (!apart.isEmpty()) {
      return Optional.of("not streaming from " + primary.name() + ": " + apart);
    }
    List<String> open =
        primary.snapshot().stream()
            .flatMap(snapshot -> snapshot.cluster().stream())
            .flatMap(view -> view.failovers().values().stream())
            .filter(report -> report.loss() instanceof FailoverReport.Loss.NotYetKnown)
            .map(report -> "epoch " + report.epoch())
            .toList();
    if (!open.isEmpty()) {
      return Optional.of("losses not known: " + open);
    }
    return primary
        .snapshot()
        .flatMap(NodeSnapshot::cluster)
        .flatMap(view ->
            view.intents().values().stream()
                .filter(intent -> intent.open() && !waits(intent))
                .findFirst())
        .map(intent -> "a wish is neither done nor refused: " + intent);
  }

  /** It is begun at a time of its own, which may be long after this run. */
  private static boolean waits(Intent intent) {
    return intent.progress().state() == Intent.State.PENDING
        && intent.wish().scheduledAt().isPresent();
  }

  @Override
  public Optional<String> checkSettled(ClusterFacts facts) {
    return obstacle(facts).map(why -> why + "\n" + explain(facts));
  }

  private static String explain(ClusterFacts facts) {
    return facts.hosts().stream()
        .map(host ->
            "  "
                + host.name()
                + ": "
                + host.snapshot()
                    .map(s -> s.situation() + ": " + s.reason() + " [" + s.postgres() + "]")
                    .orElse("no agent"))
        .collect(Collectors.joining("\n"));
  }
}
