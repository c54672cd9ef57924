package io.quorate.jepsen.invariant;

import io.quorate.ha.model.FailoverReport;
import java.util.Optional;

/** Whoever took over in a switchover had all that the primary before it had written. */
public final class SwitchoversLoseNothing implements ClusterInvariant {

  @Override
  public Optional<String> check(ClusterFacts facts) {
    return facts.hosts().stream()
        .flatMap(host -> host.snapshot().stream())
        .flatMap(snapshot -> snapshot.cluster().stream())
        .flatMap(view -> view.failovers().values().stream())
        .filter(report -> report.cause().startsWith("switchover"))
        .filter(report -> report.loss() instanceof FailoverReport.Loss.Range)
        .findFirst()
        .map(report -> "a switchover lost commits: " + report);
  }
}
