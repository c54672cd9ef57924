package io.quorate.jepsen.invariant;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.Intent;
import io.quorate.ha.model.NodeSnapshot;
import io.quorate.ha.model.Wish;
import java.util.Optional;

/** What an operator has taken back makes nobody primary any more. */
public final class WithdrawnWishesDoNothing implements ClusterInvariant {

  @Override
  public Optional<String> check(ClusterFacts facts) {
    return facts.hosts().stream()
        .flatMap(host -> host.snapshot().flatMap(NodeSnapshot::cluster).stream())
        .flatMap(view -> broken(view).stream())
        .findFirst();
  }

  private static Optional<String> broken(ClusterView view) {
    return Optional.ofNullable(view.intents().get(Wish.PRIMARY_SLOT))
        .filter(intent -> intent.progress().state() == Intent.State.CANCELLED)
        .filter(intent -> view.lastEpoch().filter(last -> after(last, intent)).isPresent())
        .map(intent -> intent + " was taken back, and then " + view.lastEpoch().orElseThrow());
  }

  private static boolean after(EpochRecord last, Intent withdrawn) {
    boolean wished =
        last.cause() == EpochRecord.Cause.SWITCHOVER || last.cause() == EpochRecord.Cause.FAILOVER;
    return wished && last.epoch().value() > withdrawn.revision();
  }
}
