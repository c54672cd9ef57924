package io.quorate.jepsen.invariant;

import io.quorate.ha.model.ClusterView;
import io.quorate.ha.model.EpochRecord;
import io.quorate.ha.model.MemberName;
import io.quorate.ha.model.NodeSnapshot;
import java.util.Optional;

/** A member without PostgreSQL holds nothing, pledges nothing and owns no directory. */
public final class WitnessOnlyVotes implements ClusterInvariant {

  @Override
  public Optional<String> check(ClusterFacts facts) {
    return facts.hosts().stream()
        .filter(host -> !host.hasPostgres() && (host.holds().isPresent() || host.writable()))
        .findFirst()
        .map(host -> host.name() + " is a witness and holds the lease, or takes writes");
  }

  @Override
  public Optional<String> checkSettled(ClusterFacts facts) {
    return facts.hosts().stream()
        .filter(host -> !host.hasPostgres())
        .flatMap(host -> claim(host).stream())
        .findFirst();
  }

  private static Optional<String> claim(HostFacts witness) {
    MemberName name = new MemberName(witness.name());
    Optional<ClusterView> view = witness.snapshot().flatMap(NodeSnapshot::cluster);
    if (view.isEmpty()) {
      return Optional.of(name + " is a witness and knows no cluster");
    }
    boolean shown =
        Optional.ofNullable(view.get().members().get(name))
            .filter(member -> member.isWitness())
            .isPresent();
    boolean claims =
        view.get().pledges().containsKey(name)
            || view.get().dataIds().containsKey(name)
            || view.get().lastEpoch().map(EpochRecord::holder).filter(name::equals).isPresent();
    return shown && !claims
        ? Optional.empty()
        : Optional.of(name + " is a witness and is shown otherwise: " + view.get());
  }
}
